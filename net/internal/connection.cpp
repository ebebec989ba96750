#include "net/internal/connection.h"

#include "base/log.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cxdial::net {

namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr std::size_t header_read_size = 4096;
constexpr std::size_t body_read_size = 16384;
constexpr std::size_t streamed_piece_size = 65536;
/// Beast takes the absence of a limit for a limit of nothing.
constexpr std::uint64_t no_body_limit = std::numeric_limits<std::uint64_t>::max();

std::string to_string(beast::string_view text) {
    return {text.data(), text.size()};
}

bool has_line_break(std::string_view text) {
    return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

/// What frames the message is the connection's business, whatever the program put there.
bool is_framing(http::field name) {
    return name == http::field::content_length || name == http::field::transfer_encoding ||
           name == http::field::connection;
}

int status_of(const error_code& error) {
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
        return 431;
    }
    return error == http::error::body_limit ? 413 : 400;
}

/// A message without its body.
template <class Message>
HttpRequest head_of(const Message& message) {
    HttpRequest request;
    request.method = to_string(message.method_string());
    request.target = to_string(message.target());
    for (const auto& field : message) {
        request.headers.add(to_string(field.name_string()), to_string(field.value()));
    }
    return request;
}

class BeastConnection final : public Connection,
                              public std::enable_shared_from_this<BeastConnection> {
public:
    BeastConnection(TcpSocket socket, std::shared_ptr<ServerCore> core)
        : socket_(std::move(socket)),
          core_(std::move(core)),
          buffer_(core_->options.header_bytes_max + body_read_size) {}

    void start() override { next_request(); }
    void answer(HttpResponse response) override;
    void break_off(const std::string& bytes) override;
    void expired() override;
    void close() override;

private:
    using Parser = http::request_parser<http::string_body>;
    using BodyParser = http::request_parser<http::buffer_body>;
    using Response = http::response<http::string_body>;

    void next_request();
    void read();
    void on_read(const error_code& error, std::size_t size);
    void parse();
    void invite_body(const http::fields& fields);
    [[nodiscard]] bool begin_body();
    void hand_over();
    void begin_stream(HttpRequest head);
    void pump();
    void deliver(std::string piece);
    void resume(std::uint64_t piece);
    void end_stream(bool whole);
    void leave_body();
    void stop_reading();
    void refuse(int status);
    void write(Response response);
    void on_write(const error_code& error);
    void linger();

    TcpSocket socket_;
    std::shared_ptr<ServerCore> core_;
    beast::flat_buffer buffer_;
    std::optional<Parser> parser_;
    std::optional<BodyParser> body_parser_;  ///< while a body is streamed
    BodySink sink_;
    std::uint64_t piece_ = 0;  ///< counts the pieces handed to sinks
    std::optional<Response> response_;
    std::size_t header_bytes_ = 0;
    unsigned version_ = 11;
    bool keep_alive_ = true;
    bool is_head_ = false;
    bool body_begun_ = false;
    bool reading_ = false;
    bool closed_ = false;
};

void BeastConnection::next_request() {
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(core_->options.header_bytes_max));
    parser_->body_limit(no_body_limit);
    header_bytes_ = 0;
    body_begun_ = false;
    if (buffer_.size() > 0) {
        core_->table.move(*this, Wait::request);
        parse();
        return;
    }
    if (buffer_.capacity() > header_read_size) {
        buffer_.shrink_to_fit();
    }
    core_->table.move(*this, Wait::first_byte);
    read();
}

void BeastConnection::read() {
    const bool in_body = body_parser_ || (parser_ && parser_->is_header_done());
    const std::size_t wanted = in_body ? body_read_size : header_read_size;
    const std::size_t room = std::min(wanted, buffer_.max_size() - buffer_.size());
    if (room == 0) {
        refuse(400);
        return;
    }
    reading_ = true;
    socket_.async_read_some(
        buffer_.prepare(room),
        [self = shared_from_this()](const error_code& error, std::size_t size) {
            self->on_read(error, size);
        }
    );
}

void BeastConnection::on_read(const error_code& error, std::size_t size) {
    reading_ = false;
    if (closed_) {
        return;
    }
    switch (place.wait) {
        case Wait::answer:
        case Wait::write:
            // The read was cancelled to refuse the request.
            return;
        case Wait::linger:
            error ? close() : read();
            return;
        case Wait::first_byte:
        case Wait::request:
        case Wait::body:
            break;
    }
    if (error) {
        close();
        return;
    }
    buffer_.commit(size);
    if (place.wait == Wait::first_byte) {
        core_->table.move(*this, Wait::request);
    }
    body_parser_ ? pump() : parse();
}

void BeastConnection::parse() {
    error_code error;
    while (!parser_->is_done() && buffer_.size() > 0 && !error) {
        const bool in_header = !parser_->is_header_done();
        const std::size_t used = parser_->put(buffer_.data(), error);
        buffer_.consume(used);
        if (in_header && !parser_->is_header_done()) {
            header_bytes_ += used;
        }
        if (!error && parser_->is_header_done() && !body_begun_ && !begin_body()) {
            return;
        }
    }
    if (error && error != http::error::need_more) {
        refuse(status_of(error));
        return;
    }
    if (parser_->is_done()) {
        hand_over();
        return;
    }
    // The parser counts from the last complete field on; the limit is for the header as a whole.
    if (!parser_->is_header_done() &&
        header_bytes_ + buffer_.size() > core_->options.header_bytes_max) {
        refuse(431);
        return;
    }
    read();
}

/// The header is read; false: the rest of the request is not `parse`'s business.
bool BeastConnection::begin_body() {
    body_begun_ = true;
    if (core_->streaming.wants) {
        HttpRequest head = head_of(parser_->get());
        if (core_->streaming.wants(head)) {
            begin_stream(std::move(head));
            return false;
        }
    }
    const std::uint64_t limit = core_->options.body_bytes_max;
    if (parser_->content_length().value_or(0) > limit) {
        refuse(413);
        return false;
    }
    parser_->eager(true);
    parser_->body_limit(limit);
    if (!parser_->is_done()) {
        invite_body(parser_->get());
    }
    return true;
}

void BeastConnection::invite_body(const http::fields& fields) {
    if (!beast::iequals(fields[http::field::expect], "100-continue")) {
        return;
    }
    // Small enough for any socket buffer. Were it lost, the client would send after a while anyway.
    constexpr std::string_view text = "HTTP/1.1 100 Continue\r\n\r\n";
    error_code ignored;
    socket_.write_some(asio::buffer(text.data(), text.size()), ignored);
}

void BeastConnection::hand_over() {
    auto message = parser_->release();
    parser_.reset();
    keep_alive_ = message.keep_alive();
    version_ = message.version();
    is_head_ = message.method() == http::verb::head;
    HttpRequest request = head_of(message);
    request.body = std::move(message.body());
    core_->table.move(*this, Wait::answer);
    core_->handler(std::move(request), make_responder(core_->io, weak_from_this()));
}

void BeastConnection::begin_stream(HttpRequest head) {
    keep_alive_ = parser_->get().keep_alive();
    version_ = parser_->get().version();
    is_head_ = false;
    body_parser_.emplace(std::move(*parser_));
    body_parser_->eager(true);
    parser_.reset();
    core_->table.move(*this, Wait::answer);
    BodySink sink =
        core_->streaming.begin(std::move(head), make_responder(core_->io, weak_from_this()));
    if (closed_ || !body_parser_) {
        return;
    }
    sink_ = std::move(sink);
    core_->table.move(*this, Wait::body);
    invite_body(body_parser_->get());
    pump();
}

/// Takes what has been read of a streamed body; reads on when there is nothing to hand out.
void BeastConnection::pump() {
    std::string piece(streamed_piece_size, '\0');
    http::buffer_body::value_type& body = body_parser_->get().body();
    body.data = piece.data();
    body.size = piece.size();
    body.more = true;
    error_code error;
    while (!body_parser_->is_done() && buffer_.size() > 0 && body.size > 0 && !error) {
        buffer_.consume(body_parser_->put(buffer_.data(), error));
    }
    piece.resize(piece.size() - body.size);
    body.data = nullptr;
    if (error && error != http::error::need_more && error != http::error::need_buffer) {
        refuse(400);
        end_stream(false);
    } else if (!piece.empty()) {
        deliver(std::move(piece));
    } else if (body_parser_->is_done()) {
        core_->table.move(*this, Wait::answer);
        end_stream(true);
    } else {
        read();
    }
}

void BeastConnection::deliver(std::string piece) {
    core_->table.move(*this, Wait::answer);
    const auto more = [io = core_->io, weak = weak_from_this(), number = ++piece_] {
        if (const auto alive = io.lock()) {
            // Never from inside `on_bytes`: a sink that is always ready would pile up the stack.
            asio::post(*alive, [weak, number] {
                if (const auto self = weak.lock()) {
                    self->resume(number);
                }
            });
        }
    };
    // A copy: the sink may answer, and thereby be let go, while it runs.
    const BodySink sink = sink_;
    sink.on_bytes(std::move(piece), more);
}

void BeastConnection::resume(std::uint64_t piece) {
    if (closed_ || !body_parser_ || place.wait != Wait::answer || piece != piece_) {
        return;
    }
    core_->table.move(*this, Wait::body);
    pump();
}

void BeastConnection::end_stream(bool whole) {
    body_parser_.reset();
    const BodySink sink = std::exchange(sink_, {});
    if (sink.on_end) {
        sink.on_end(whole);
    }
}

/// The answer comes before the body is over: what is left of it will not be read.
void BeastConnection::leave_body() {
    body_parser_.reset();
    sink_ = {};
    keep_alive_ = false;
    buffer_.clear();
    stop_reading();
}

void BeastConnection::answer(HttpResponse response) {
    if (closed_ || (place.wait != Wait::answer && place.wait != Wait::body)) {
        return;
    }
    if (body_parser_) {
        leave_body();
    }
    if (response.status < 200 || response.status > 999) {
        base::log_error("http_answer_without_final_status", {{"status", response.status}});
        response.status = 500;
    }
    Response message;
    message.result(static_cast<unsigned>(response.status));
    message.version(version_);
    for (const auto& field : response.headers.all()) {
        if (is_framing(http::string_to_field(field.first))) {
            continue;
        }
        if (has_line_break(field.first) || has_line_break(field.second)) {
            base::log_error("http_header_with_line_break", {{"bytes", field.first.size()}});
            continue;
        }
        message.insert(field.first, field.second);
    }
    // A stopping server still answers what the client has sent in one go.
    if (core_->stopping && buffer_.size() == 0) {
        keep_alive_ = false;
    }
    const bool bodiless = response.status == 204 || response.status == 304;
    if (!bodiless) {
        message.content_length(response.body.size());
    }
    if (!bodiless && !is_head_) {
        message.body() = std::move(response.body);
    }
    message.keep_alive(keep_alive_);
    write(std::move(message));
}

void BeastConnection::break_off(const std::string& bytes) {
    if (closed_ || place.wait != Wait::answer) {
        return;
    }
    error_code ignored;
    if (bytes.empty()) {
        socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    } else {
        // Small enough for any socket buffer.
        socket_.write_some(asio::buffer(bytes), ignored);
    }
    close();
}

void BeastConnection::stop_reading() {
    if (reading_) {
        error_code ignored;
        socket_.cancel(ignored);
    }
}

void BeastConnection::refuse(int status) {
    keep_alive_ = false;
    parser_.reset();
    buffer_.clear();
    stop_reading();
    Response message;
    message.result(static_cast<unsigned>(status));
    message.content_length(0);
    message.keep_alive(false);
    write(std::move(message));
}

void BeastConnection::write(Response response) {
    response_.emplace(std::move(response));
    core_->table.move(*this, Wait::write);
    http::async_write(
        socket_,
        *response_,
        [self = shared_from_this()](const error_code& error, std::size_t) { self->on_write(error); }
    );
}

void BeastConnection::on_write(const error_code& error) {
    response_.reset();
    if (closed_) {
        return;
    }
    if (error) {
        close();
        return;
    }
    if (keep_alive_) {
        next_request();
    } else {
        linger();
    }
}

// Closing while bytes of the client lie unread makes the system send a reset, which can overtake
// the answer; so the client closes first, within a limit.
void BeastConnection::linger() {
    error_code error;
    socket_.shutdown(TcpSocket::shutdown_send, error);
    if (error) {
        close();
        return;
    }
    parser_.reset();
    buffer_.clear();
    core_->table.move(*this, Wait::linger);
    if (!reading_) {
        read();
    }
}

void BeastConnection::expired() {
    if (place.wait == Wait::request) {
        refuse(408);
    } else if (place.wait == Wait::body) {
        refuse(408);
        end_stream(false);
    } else {
        close();
    }
}

void BeastConnection::close() {
    if (closed_) {
        return;
    }
    closed_ = true;
    const auto self = shared_from_this();
    error_code ignored;
    socket_.close(ignored);
    core_->table.remove(*this);
    if (body_parser_) {
        end_stream(false);
    }
    if (core_->table.size() == 0 && core_->on_empty) {
        core_->on_empty();
    }
}

}  // namespace

std::shared_ptr<Connection> make_connection(TcpSocket socket, std::shared_ptr<ServerCore> core) {
    return std::make_shared<BeastConnection>(std::move(socket), std::move(core));
}

}  // namespace cxdial::net

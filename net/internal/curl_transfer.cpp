#include "net/internal/curl_transfer.h"

#include <algorithm>
#include <utility>

namespace cxdial::net {

namespace {

/// A kept connection idle for longer is not used again: less than what servers and the boxes
/// between usually allow, so that a request seldom meets a connection that is just being closed.
constexpr long idle_seconds_max = 20;

bool has_line_break(std::string_view text) {
    return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

bool is_token(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_';
    });
}

/// libcurl takes 0 for "no limit".
long to_curl(std::chrono::milliseconds time) {
    return static_cast<long>(std::max<std::chrono::milliseconds::rep>(time.count(), 1));
}

/// The URL without what may be secret in it: user, password, query.
std::string presentable(std::string_view url) {
    url = url.substr(0, url.find_first_of("?#"));
    const std::size_t scheme = url.find("://");
    const std::size_t host = scheme == std::string_view::npos ? 0 : scheme + 3;
    const std::size_t path = std::min(url.find('/', host), url.size());
    const std::size_t at = url.substr(0, path).rfind('@');
    if (at == std::string_view::npos || at < host) {
        return std::string(url);
    }
    return std::string(url.substr(0, host)) + std::string(url.substr(at + 1));
}

/// The results that libcurl gives only before it writes to a connection, or, of those it gives at
/// any time, when it has written nothing.
bool fails_before_sending(CURLcode code) {
    switch (code) {
        case CURLE_UNSUPPORTED_PROTOCOL:
        case CURLE_FAILED_INIT:
        case CURLE_URL_MALFORMAT:
        case CURLE_COULDNT_RESOLVE_HOST:
        case CURLE_COULDNT_CONNECT:
        case CURLE_OPERATION_TIMEDOUT:
        case CURLE_ABORTED_BY_CALLBACK:
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_SSL_CERTPROBLEM:
        case CURLE_SSL_CIPHER:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_ISSUER_ERROR:
        case CURLE_PEER_FAILED_VERIFICATION:
            return true;
        default:
            return false;
    }
}

}  // namespace

/// Sets options until the first that fails.
class Transfer::Setter {
public:
    explicit Setter(CURL* easy) : easy_(easy) {}

    template <class Value>
    void operator()(CURLoption option, Value value) {
        if (code == CURLE_OK) {
            code = curl_easy_setopt(easy_, option, value);
        }
    }

    CURLcode code = CURLE_OK;

private:
    CURL* easy_;
};

Transfer::Transfer(HttpRequest request, HttpClient::Handler handler, bool once)
    : request_(std::move(request)), handler_(std::move(handler)), once_(once) {}

std::optional<std::string> Transfer::refusal() const {
    if (!is_token(request_.method)) {
        return "the method is no word";
    }
    for (const auto& field : request_.headers.all()) {
        if (!is_token(field.first) || has_line_break(field.second)) {
            return "a header field has a bad name or a line break";
        }
    }
    return std::nullopt;
}

CURLcode Transfer::prepare(EasyHandle easy, std::uint64_t id, const HttpClient::Options& options) {
    easy_ = std::move(easy);
    received_max_ = options.response_bytes_max;
    Setter set(easy_.get());
    // A pointer that holds a number: a stale one can be looked up, and not found.
    // NOLINTNEXTLINE(performance-no-int-to-ptr): libcurl's only slot for a value of ours.
    set(CURLOPT_PRIVATE, reinterpret_cast<void*>(static_cast<std::uintptr_t>(id)));
    set(CURLOPT_URL, request_.target.c_str());
    set_limits(set, options);
    set_body(set);
    set_headers(set);
    set(CURLOPT_ERRORBUFFER, error_.data());
    set(CURLOPT_HEADERFUNCTION, &Transfer::on_header);
    set(CURLOPT_HEADERDATA, static_cast<void*>(this));
    set(CURLOPT_WRITEFUNCTION, &Transfer::on_body);
    set(CURLOPT_WRITEDATA, static_cast<void*>(this));
    return set.code;
}

void Transfer::set_limits(Setter& set, const HttpClient::Options& options) const {
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_PROXY, "");
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set(CURLOPT_TCP_NODELAY, 1L);
    set(CURLOPT_MAXAGE_CONN, idle_seconds_max);
    // Otherwise giving up a transfer waits for its name look-up to end, and the loop with it.
    set(CURLOPT_QUICK_EXIT, 1L);
    set(CURLOPT_TIMEOUT_MS, to_curl(options.timeout));
    set(CURLOPT_CONNECTTIMEOUT_MS, to_curl(options.connect_timeout));
    set(CURLOPT_USERAGENT, options.user_agent.c_str());
}

void Transfer::set_body(Setter& set) {
    if (once_) {
        set(CURLOPT_PREREQFUNCTION, &Transfer::on_start);
        set(CURLOPT_PREREQDATA, static_cast<void*>(this));
    }
    const std::string& method = request_.method;
    if (method == "HEAD") {
        set(CURLOPT_NOBODY, 1L);
        return;
    }
    const bool is_bodiless =
        request_.body.empty() && method != "POST" && method != "PUT" && method != "PATCH";
    if (is_bodiless) {
        set(CURLOPT_HTTPGET, 1L);
    } else {
        set(CURLOPT_POST, 1L);
        set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
    }
    if (method != (is_bodiless ? "GET" : "POST")) {
        set(CURLOPT_CUSTOMREQUEST, method.c_str());
    }
    if (is_bodiless) {
        return;
    }
    if (once_) {
        set(CURLOPT_READFUNCTION, &Transfer::on_body_wanted);
        set(CURLOPT_READDATA, static_cast<void*>(this));
        set(CURLOPT_SEEKFUNCTION, &Transfer::on_rewind);
    } else {
        set(CURLOPT_POSTFIELDS, request_.body.c_str());
    }
}

bool Transfer::add_header(const std::string& line) {
    curl_slist* longer = curl_slist_append(header_list_.get(), line.c_str());
    if (longer == nullptr) {
        return false;
    }
    static_cast<void>(header_list_.release());
    header_list_.reset(longer);
    return true;
}

void Transfer::set_headers(Setter& set) {
    // A name with a colon and nothing takes out what libcurl would send by itself.
    bool is_complete = add_header("Expect:");
    if (!request_.headers.find("Content-Type")) {
        is_complete = is_complete && add_header("Content-Type:");
    }
    for (const auto& field : request_.headers.all()) {
        const std::string& value = field.second;
        is_complete = is_complete &&
                      add_header(value.empty() ? field.first + ";" : field.first + ": " + value);
    }
    set(CURLOPT_HTTPHEADER, header_list_.get());
    if (!is_complete) {
        set.code = CURLE_OUT_OF_MEMORY;
    }
}

HttpOutcome Transfer::outcome(CURLcode code) {
    if (code == CURLE_OK && head_complete_) {
        long status = 0;
        curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
        response_.status = static_cast<int>(status);
        return std::move(response_);
    }
    if (code == CURLE_OK) {
        // libcurl takes the end of the connection for the end of the header.
        return HttpFailure{.request_sent = true, .why = describe("reply cut inside its header")};
    }
    if (code == CURLE_WRITE_ERROR && received_ > received_max_) {
        return HttpFailure{
            .request_sent = true,
            .why = describe("reply longer than " + std::to_string(received_max_) + " bytes")};
    }
    const std::string_view detail = error_[0] != '\0' ? error_.data() : curl_easy_strerror(code);
    return HttpFailure{.request_sent = request_left(code), .why = describe(detail)};
}

HttpFailure Transfer::cancelled() const {
    return {.request_sent = request_left(CURLE_OPERATION_TIMEDOUT), .why = describe("given up")};
}

HttpFailure Transfer::not_sent(std::string_view why) const {
    return {.request_sent = false, .why = describe(why)};
}

bool Transfer::request_left(CURLcode code) const {
    long bytes = 0;
    if (easy_ == nullptr) {
        return false;
    }
    if (curl_easy_getinfo(easy_.get(), CURLINFO_REQUEST_SIZE, &bytes) != CURLE_OK) {
        return true;
    }
    return bytes > 0 || !fails_before_sending(code);
}

std::string Transfer::describe(std::string_view what) const {
    std::string text = request_.method + " " + presentable(request_.target) + ": ";
    text += what;
    return text;
}

std::size_t Transfer::on_body_wanted(char* out, std::size_t size, std::size_t count, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    const std::string& body = transfer.request_.body;
    const std::size_t part = std::min(size * count, body.size() - transfer.body_given_);
    std::copy_n(body.data() + transfer.body_given_, part, out);
    transfer.body_given_ += part;
    return part;
}

// libcurl sends a request again by itself when a reused connection dies before the first byte of
// the reply, a POST too. It must rewind the body for that.
int Transfer::on_rewind(void* /*self*/, curl_off_t /*offset*/, int /*origin*/) {
    return CURL_SEEKFUNC_FAIL;
}

// The second guard, for a request of which no body byte was read yet, or that has none: libcurl
// does not rewind these.
int Transfer::on_start(
    void* self, char* /*remote*/, char* /*local*/, int /*remote_port*/, int /*local_port*/
) {
    auto& transfer = *static_cast<Transfer*>(self);
    ++transfer.starts_;
    return transfer.starts_ == 1 ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

std::size_t Transfer::on_header(char* data, std::size_t size, std::size_t count, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    if (!transfer.receive(size * count)) {
        return 0;
    }
    transfer.take_header_line({data, size * count});
    return size * count;
}

std::size_t Transfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    if (!transfer.receive(size * count)) {
        return 0;
    }
    transfer.response_.body.append(data, size * count);
    return size * count;
}

bool Transfer::receive(std::size_t bytes) {
    received_ += bytes;
    return received_ <= received_max_;
}

void Transfer::take_header_line(std::string_view line) {
    while (!line.empty() && (line.back() == '\r' || line.back() == '\n' || line.back() == ' ')) {
        line.remove_suffix(1);
    }
    if (line.empty()) {
        head_complete_ = true;
        return;
    }
    // A status line also begins the real answer after an interim one.
    if (line.substr(0, 5) == "HTTP/") {
        head_complete_ = false;
        response_.headers = {};
        return;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) {
        return;
    }
    const std::size_t value = std::min(line.find_first_not_of(" \t", colon + 1), line.size());
    response_.headers.add(std::string(line.substr(0, colon)), std::string(line.substr(value)));
}

}  // namespace cxdial::net

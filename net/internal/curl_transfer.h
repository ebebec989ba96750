#pragma once

#include "net/http_client.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <curl/curl.h>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cxdial::net {

class CurlShard;

struct EasyCleanup {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
using EasyHandle = std::unique_ptr<CURL, EasyCleanup>;

/// One request on its way: what libcurl reads from, and writes to.
class Transfer {
public:
    Transfer(HttpRequest request, HttpClient::Handler handler, bool once);

    /// Why the request cannot be sent as it is; nothing when it can.
    [[nodiscard]] std::optional<std::string> refusal() const;
    /// Takes a handle in its initial state and sets every option. Anything but CURLE_OK: the
    /// request must not be started, since an option that keeps a promise is missing.
    [[nodiscard]] CURLcode prepare(
        EasyHandle easy, std::uint64_t id, const HttpClient::Options& options
    );
    /// What libcurl's result means. Moves the response out.
    [[nodiscard]] HttpOutcome outcome(CURLcode code);
    /// What giving up now means.
    [[nodiscard]] HttpFailure cancelled() const;
    [[nodiscard]] HttpFailure not_sent(std::string_view why) const;

    [[nodiscard]] CURL* easy() const { return easy_.get(); }
    /// The handle, which must have left its shard.
    [[nodiscard]] EasyHandle release_easy() { return std::move(easy_); }
    [[nodiscard]] HttpClient::Handler release_handler() { return std::move(handler_); }

    CurlShard* shard = nullptr;

private:
    class Setter;
    struct ListCleanup {
        void operator()(curl_slist* list) const { curl_slist_free_all(list); }
    };

    void set_limits(Setter& set, const HttpClient::Options& options) const;
    void set_body(Setter& set);
    void set_headers(Setter& set);
    [[nodiscard]] bool add_header(const std::string& line);
    [[nodiscard]] bool request_left(CURLcode code) const;
    [[nodiscard]] std::string describe(std::string_view what) const;

    static std::size_t on_body_wanted(char* out, std::size_t size, std::size_t count, void* self);
    static int on_rewind(void* self, curl_off_t offset, int origin);
    static int on_start(void* self, char* remote, char* local, int remote_port, int local_port);
    static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
    static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
    [[nodiscard]] bool receive(std::size_t bytes);
    void take_header_line(std::string_view line);

    HttpRequest request_;
    HttpClient::Handler handler_;
    const bool once_;
    std::unique_ptr<curl_slist, ListCleanup> header_list_;
    EasyHandle easy_;
    HttpResponse response_;
    std::size_t body_given_ = 0;
    std::size_t received_ = 0;
    std::size_t received_max_ = 0;
    int starts_ = 0;
    bool head_complete_ = false;
    std::array<char, CURL_ERROR_SIZE> error_{};
};

}  // namespace cxdial::net

#pragma once

#include "tests/net/support.h"
#include "webhook/api.h"

#include <string>
#include <utility>

namespace cxdial::webhook::testing {

/// The API behind a real server on loopback.
class ApiServer {
public:
    explicit ApiServer(ApiPorts ports, const std::string& token = "")
        : api_(base::Secret{token}, std::move(ports)),
          server_(
              {},
              [this](const net::HttpRequest& request, const net::Responder& responder) {
                  api_.handle(request, responder);
              },
              {.wants = Api::streams,
               .begin = [this](
                            const net::HttpRequest& head, const net::Responder& responder
                        ) { return api_.begin_stream(head, responder); }}
          ) {}

    /// The whole answer, on a connection of its own.
    std::string ask(
        const std::string& line, const std::string& body = {}, const std::string& headers = {}
    ) {
        net::test::Peer peer = net::test::Peer::connect(server_.port());
        const std::size_t space = line.find(' ');
        peer.send(
            line.substr(0, space) + " /api/v1/" + line.substr(space + 1) +
            " HTTP/1.1\r\nHost: x\r\n" + headers +
            "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body
        );
        return peer.read_message();
    }

private:
    Api api_;
    net::test::ServerThread server_;
};

}  // namespace cxdial::webhook::testing

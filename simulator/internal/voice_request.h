#pragma once

#include "net/http.h"
#include "simulator/internal/call.h"

#include <map>
#include <string>

namespace cxdial::simulator {

/// Gives a voice application request its parameters, `extras` among them: in the query of a GET, in
/// the JSON body of a POST. Source: Cloudonix documentation, voice application request.
void put_voice_parameters(
    net::HttpRequest& request, const Call& call, const std::map<std::string, std::string>& extras
);

}  // namespace cxdial::simulator

#include "simulator/command_line.h"

#include "base/rng.h"

#include <CLI/CLI.hpp>

#include <cstddef>
#include <memory>
#include <vector>

namespace cxdial::simulator {
namespace {

std::string joined(const std::vector<std::string>& values) {
    std::string text;
    for (const auto& value : values) {
        text += (text.empty() ? "" : ",") + value;
    }
    return text;
}

void add_knob(CLI::App& app, const Knob& knob, Options& options) {
    const auto name = "--" + std::string(knob.name);
    auto* const option = app.add_option_function<std::vector<std::string>>(
        name,
        [&knob, &options, name](const std::vector<std::string>& values) {
            const auto text = knob.kind == KnobKind::list ? joined(values) : values.back();
            if (auto done = knob.set(options, text); !done) {
                throw CLI::ValidationError(name, done.error().detail);
            }
        },
        std::string(knob.help)
    );
    const auto shown = knob.get(options);
    option->type_name(shown.empty() ? "VALUE" : "(" + shown + ")");
    if (knob.kind == KnobKind::flag) {
        option->expected(0, 1)->default_str("true");
    } else if (knob.kind != KnobKind::list) {
        option->expected(1);
    } else {
        option->expected(1, -1);
    }
    option->multi_option_policy(
        knob.kind == KnobKind::list ? CLI::MultiOptionPolicy::TakeAll
                                    : CLI::MultiOptionPolicy::TakeLast
    );
}

}  // namespace

base::Result<CommandLine> read_command_line(int argc, const char* const* argv) {
    CommandLine line;
    line.options = default_options();
    line.options.seed = base::random_seed();
    CLI::App app{"A stand-in for the Cloudonix platform over HTTP, with faults", "cloudonix-sim"};
    for (const auto& knob : knobs()) {
        add_knob(app, knob, line.options);
    }
    app.add_flag("--die-with-parent", line.die_with_parent, "end when the starting process ends");
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        line.message = app.help();
    } catch (const CLI::ParseError& error) {
        return base::Error{base::Errc::invalid_argument, error.what()};
    }
    return line;
}

}  // namespace cxdial::simulator

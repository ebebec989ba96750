#pragma once

#include "base/result.h"
#include "simulator/options.h"

#include <string>

namespace cxdial::simulator {

/// What the command line of `cloudonix-sim` asks for.
struct CommandLine {
    Options options;
    bool die_with_parent = false;
    /// Not empty: print this and exit with 0 (`--help`).
    std::string message;
};

/// Reads the command line: every knob as `--NAME VALUE` (a flag may go without a value), a list by
/// repeating it. The seed is drawn from the operating system when it is not given. An error is for
/// the user's eyes.
[[nodiscard]] base::Result<CommandLine> read_command_line(int argc, const char* const* argv);

}  // namespace cxdial::simulator

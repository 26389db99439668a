// The program's command line: parsing, help, shell completions and the man page all come from one description.
#pragma once

namespace tidemark::app {

/// Parses and runs; gives the exit code.
int run(int argc, char** argv);

}  // namespace tidemark::app

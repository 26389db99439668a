#include <cstdio>

#include "server/app/commands.hpp"

namespace tidemark::app {

int import(const Workspace& workspace) {
    auto done = bring_up_to_date(workspace);
    if (!done) {
        return report_failure(done.error());
    }
    const ingest::ImportSummary& summary = done->summary;
    std::printf("%lld files found, %lld had something new (%.1f MB), %lld request rows read\n",
                static_cast<long long>(summary.files), static_cast<long long>(summary.files_read),
                static_cast<double>(summary.bytes_read) / 1e6, static_cast<long long>(summary.rows));
    for (const std::string& folder : done->missing_roots) {
        std::fprintf(stderr, "%s is not there\n", folder.c_str());
    }
    for (const sys::WalkProblem& problem : summary.problems) {
        std::fprintf(stderr, "not read: %s: %s\n", problem.path.c_str(), problem.reason.c_str());
    }
    if (summary.bad_lines > 0) {
        std::fprintf(stderr, "%lld lines could not be read: `tidemark doctor` lists them\n",
                     static_cast<long long>(summary.bad_lines));
    }
    return summary.bad_lines > 0 || !summary.problems.empty() ? kIncomplete : kDone;
}

}  // namespace tidemark::app

#include "cxml/validate.h"

#include "cxml/internal/checker.h"
#include "cxml/internal/well_formed.h"

#include <pugixml.hpp>

#include <algorithm>
#include <utility>

namespace cxdial::cxml {
namespace {

static_assert(findings_max == Checker::problems_max);

/// Turns places in a text into line numbers.
class Lines {
public:
    explicit Lines(std::string_view text) {
        for (std::size_t at = text.find('\n'); at != std::string_view::npos;
             at = text.find('\n', at + 1)) {
            ends_.push_back(at);
        }
    }
    [[nodiscard]] std::size_t line_at(std::size_t offset) const {
        const auto before = std::ranges::lower_bound(ends_, offset);
        return static_cast<std::size_t>(before - ends_.begin()) + 1;
    }

private:
    std::vector<std::size_t> ends_;
};

std::size_t offset_of(pugi::xml_node node) {
    const std::ptrdiff_t offset = node ? node.offset_debug() : 0;
    return offset < 0 ? 0 : static_cast<std::size_t>(offset);
}

std::vector<Finding> one_error(std::string_view document, std::size_t offset, std::string message) {
    return {Finding{Severity::error, Lines(document).line_at(offset), "", std::move(message)}};
}

std::vector<Finding> to_findings(std::string_view document, const std::vector<Problem>& problems) {
    std::vector<Finding> findings;
    if (problems.empty()) {
        return findings;
    }
    const Lines lines(document);
    for (const Problem& problem : problems) {
        findings.push_back(
            {problem.fault == Fault::error ? Severity::error : Severity::warning,
             lines.line_at(offset_of(problem.where)),
             path_of(problem.where),
             problem.message}
        );
    }
    std::ranges::stable_sort(findings, {}, &Finding::line);
    return findings;
}

}  // namespace

std::string_view to_string(Severity severity) {
    return severity == Severity::error ? "error" : "warning";
}

std::vector<Finding> validate(std::string_view document) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (document.starts_with(byte_order_mark)) {
        document.remove_prefix(byte_order_mark.size());
    }
    if (const auto ill = find_ill_formed(document)) {
        return one_error(document, ill->offset, "not well-formed: " + ill->what);
    }
    pugi::xml_document tree;
    const pugi::xml_parse_result parsed = tree.load_buffer(
        document.data(),
        document.size(),
        pugi::parse_default | pugi::parse_declaration | pugi::parse_fragment,
        pugi::encoding_utf8
    );
    if (!parsed) {
        return one_error(
            document,
            static_cast<std::size_t>(std::max<std::ptrdiff_t>(parsed.offset, 0)),
            std::string("not well-formed: ") + parsed.description()
        );
    }
    Checker checker;
    checker.check_document(tree);
    return to_findings(document, checker.problems());
}

bool is_valid(std::string_view document) {
    return std::ranges::none_of(validate(document), [](const Finding& finding) {
        return finding.severity == Severity::error;
    });
}

std::string to_string(const Finding& finding) {
    std::string out = "line " + std::to_string(finding.line) + ": ";
    out += to_string(finding.severity);
    out += ": ";
    if (!finding.path.empty()) {
        out += finding.path + ": ";
    }
    return out + finding.message;
}

}  // namespace cxdial::cxml

// What goes into a document as text and as an attribute comes out of an XML reader unchanged, or is
// refused because XML has no such text.

#include "base/check.h"
#include "cxml/builder.h"
#include "cxml/internal/text.h"
#include "cxml/validate.h"

#include <pugixml.hpp>

#include <cstddef>
#include <cstdint>

namespace cxdial::cxml {

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const Document document;
    document.add(Element::say).set("voice", text).text(text);
    const auto built = document.finish();
    CHECK_INVARIANT(built.has_value() == !find_illegal(text));
    if (!built) {
        return 0;
    }
    CHECK_INVARIANT(is_valid(*built));
    pugi::xml_document tree;
    const unsigned int options = pugi::parse_default | pugi::parse_ws_pcdata;
    CHECK_INVARIANT(tree.load_buffer(built->data(), built->size(), options));
    const pugi::xml_node say = tree.child("Response").child("Say");
    CHECK_INVARIANT(say.attribute("voice").value() == text);
    CHECK_INVARIANT(say.child_value() == text);
    return 0;
}

}  // namespace cxdial::cxml

#pragma once

#include "storage/contact_book.h"
#include "storage/internal/guarded.h"

namespace cxdial::storage {

struct ContactBook::Impl : Guarded {
    explicit Impl(Connection& given) : Guarded{given} {}
};

}  // namespace cxdial::storage

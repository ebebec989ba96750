#pragma once

#include "base/phone_number.h"
#include "campaign/campaign.h"
#include "campaign/destination.h"
#include "dialer/store.h"

#include <memory>
#include <span>
#include <string>

namespace cxdial::storage::testing {

/// What the conformance cases need of a back end besides the port itself.
class StoreUnderTest {
public:
    virtual ~StoreUnderTest() = default;
    [[nodiscard]] virtual dialer::Store& store() = 0;
    virtual campaign::CampaignId add_campaign(const campaign::Campaign& campaign) = 0;
    virtual void add_destinations(
        campaign::CampaignId id, std::span<const campaign::NewDestination> destinations
    ) = 0;
    virtual void suppress(base::PhoneNumber number) = 0;
};

/// The back ends that every case of store_conformance_test.cpp runs against.
enum class BackEnd { sqlite_file, sqlite_memory };
[[nodiscard]] std::unique_ptr<StoreUnderTest> make_store(BackEnd back_end);

}  // namespace cxdial::storage::testing

#include "tests/storage/store_conformance.h"

#include "tests/storage/support.h"

namespace cxdial::storage::testing {
namespace {

class SqliteUnderTest final : public StoreUnderTest {
public:
    explicit SqliteUnderTest(const std::string& path)
        : database_(open(path.empty() ? directory_.file("test.db") : path)),
          repository_(database_),
          store_(database_) {}

    dialer::Store& store() override { return store_; }
    campaign::CampaignId add_campaign(const campaign::Campaign& campaign) override {
        expect(repository_.put(campaign, at(0)));
        return expect(repository_.campaign(campaign.tenant, campaign.name)).id;
    }
    void add_destinations(
        campaign::CampaignId id, std::span<const campaign::NewDestination> destinations
    ) override {
        expect(repository_.add_destinations(id, destinations));
    }
    void suppress(base::PhoneNumber number) override {
        expect(repository_.suppress(std::span(&number, 1), "test", at(0)));
    }

private:
    TempDirectory directory_;
    Database database_;
    Repository repository_;
    SqliteStore store_;
};

}  // namespace

std::unique_ptr<StoreUnderTest> make_store(BackEnd back_end) {
    return std::make_unique<SqliteUnderTest>(back_end == BackEnd::sqlite_memory ? ":memory:" : "");
}

}  // namespace cxdial::storage::testing

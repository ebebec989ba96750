#include "daemon/inbound_resolver.h"

#include "balancer/assistant.h"
#include "base/log.h"
#include "routing/memory.h"
#include "routing/resolver.h"
#include "storage/contact_book.h"
#include "storage/routing_records.h"

#include <utility>

namespace cxdial::daemon {

struct InboundResolver::Reader {
    Reader(storage::Database opened, const base::Clock& clock, const Settings& settings)
        : database(std::move(opened)),
          stored(database, clock),
          instead(settings.instead ? settings.instead(stored) : nullptr),
          records(instead ? *instead : stored),
          book(database) {}

    storage::Database database;
    storage::RoutingRecords stored;
    std::unique_ptr<routing::Records> instead;
    routing::Records& records;
    storage::ContactBook book;
};

InboundResolver::InboundResolver(const base::Clock& clock, Settings settings)
    : clock_(clock), settings_(std::move(settings)) {}

InboundResolver::~InboundResolver() {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        closed_ = true;
    }
    arrived_.notify_all();
    if (thread_.joinable()) {
        thread_.join();
    }
}

base::Result<void> InboundResolver::start() {
    storage::Database::Options options;
    options.access = storage::Database::Access::read_only;
    base::Result<storage::Database> database =
        storage::Database::open(settings_.database_path, options);
    if (!database) {
        return database.error();
    }
    reader_ = std::make_unique<Reader>(std::move(*database), clock_, settings_);
    if (base::Result<void> read = read_directory(); !read) {
        return read;
    }
    thread_ = std::thread([this] { run(); });
    return {};
}

base::Result<void> InboundResolver::read_directory() {
    base::Result<Directory> directory = storage::MemoryDirectory::load(reader_->database);
    if (!directory) {
        return directory.error();
    }
    const std::lock_guard<std::mutex> lock(mutex_);
    directory_ = std::move(*directory);
    return {};
}

InboundResolver::Directory InboundResolver::directory() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return directory_;
}

void InboundResolver::put(std::function<void()> task) {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        tasks_.push_back(std::move(task));
    }
    arrived_.notify_one();
}

void InboundResolver::run() {
    while (true) {
        std::unique_lock<std::mutex> lock(mutex_);
        arrived_.wait(lock, [this] { return closed_ || !tasks_.empty(); });
        if (closed_) {
            return;
        }
        const std::function<void()> task = std::move(tasks_.front());
        tasks_.pop_front();
        lock.unlock();
        task();
    }
}

void InboundResolver::resolve(
    routing::Question question,
    std::vector<std::string> full,
    base::MonoTime answer_by,
    std::function<void(Resolved)> done
) {
    put([this,
         question = std::move(question),
         full = std::move(full),
         answer_by,
         done = std::move(done)] {
        if (clock_.now().mono < answer_by) {
            done(decide(question, full));
        }
    });
}

void InboundResolver::reload(std::function<void()> done) {
    put([this, done = std::move(done)] {
        if (const base::Result<void> read = read_directory(); !read) {
            base::log_error(
                "directory_not_read",
                {{"why", read.error().detail}, {"effect", "calls are routed by the former one"}}
            );
        }
        done();
    });
}

Resolved InboundResolver::decide(
    const routing::Question& question, const std::vector<std::string>& full
) {
    const Directory directory = this->directory();
    const routing::DecideOptions options{
        .force_legacy = settings_.force_legacy, .now = clock_.now().wall, .full = full};
    Resolved resolved{
        .decision = routing::resolve(question, options, *directory, reader_->records)};
    std::string agent = resolved.decision.agent;
    std::string tenant = resolved.decision.tenant;
    if (const auto known = reader_->book.decision(question.call_sid)) {
        resolved.decided_agent = known->agent;
        agent = known->agent;
        tenant = known->tenant;
    }
    resolved.memory = memory_for(tenant, agent, resolved.decision);
    return resolved;
}

std::vector<cxml::NamedText> InboundResolver::memory_for(
    const std::string& tenant, const std::string& agent, const routing::Decision& decision
) {
    const Directory directory = this->directory();
    const balancer::Assistant* resource = directory->agent(tenant, agent);
    if (resource == nullptr || resource->protocol != balancer::Protocol::websocket ||
        !decision.caller) {
        return {};
    }
    const routing::Tenant& settings = directory->tenant(tenant);
    const auto memory = reader_->records.memory(tenant, *decision.caller, settings.layer_budget);
    const std::string address = settings_.public_url + "/api/v1/contacts/" +
                                decision.caller->reveal() + "/memory?tenant=" + tenant;
    return routing::memory_parameters(settings.contact_memory_scope, agent, memory.value, address);
}

}  // namespace cxdial::daemon

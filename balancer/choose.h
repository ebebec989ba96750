#pragma once

#include "balancer/assistant.h"
#include "base/rng.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cxdial::balancer {

/// What is known of one assistant at the moment of a choice.
struct AssistantView {
    bool usable = true;            ///< active, published, and neither down nor ejected
    std::string why_not{};         ///< for people, where it is not usable
    int active_calls = 0;          ///< over all campaigns and balancers
    int max_concurrent_calls = 0;  ///< 0: no cap
};

/// The view of the assistant with this name; not usable when there is none.
using ViewOf = std::function<AssistantView(std::string_view assistant)>;

enum class ChoiceKind : std::uint8_t {
    member,    ///< `assistant` is the member whose turn it was
    fallback,  ///< no member could take the call; `assistant` is the fallback
    hangup,    ///< no member could take the call, and the fallback is to hang up
    nobody,    ///< no member could take the call, and no fallback either
};

/// Why an assistant did not get the call although it might have.
struct PassedOver {
    std::string assistant;
    std::string reason;
};

struct Choice {
    ChoiceKind kind = ChoiceKind::nobody;
    std::string assistant;
    std::vector<PassedOver> passed_over;
};

/// Chooses which assistant of one balancer takes the next call. An assistant that is not active in
/// the balancer, not usable, or full never gets one. When the chosen one then fails, ask again with
/// a view in which it is not usable: the next one is chosen.
///
/// - round robin: the members in turn. Weights do not count.
/// - least connections: the one with the smallest share of its cap in use; one without a cap is
/// taken
///   to hold as many as the largest cap among the others. Equal ones in turn.
/// - random: any member, each as likely as the other.
/// - weighted: in turn by weight, spread evenly (a member of weight 2 between others, not twice in
/// a
///   row). Weight 0 gets a call only when no member with a weight can take it.
/// - priority: the lowest number; members of the same number in turn.
///
/// Thread rule: one thread at a time. Whose turn it is lives in memory only.
class Chooser {
public:
    explicit Chooser(Balancer balancer);

    /// Takes over a changed balancer; members that stay keep their turn.
    void update(Balancer balancer);
    [[nodiscard]] const Balancer& balancer() const noexcept { return balancer_; }
    /// `rng` is used by the random strategy only.
    [[nodiscard]] Choice choose(const ViewOf& view, base::Rng& rng);

private:
    struct Candidate {
        std::size_t member = 0;
        AssistantView view;
    };

    [[nodiscard]] std::vector<Candidate> candidates(const ViewOf& view, Choice& choice) const;
    [[nodiscard]] std::size_t pick(const std::vector<Candidate>& able, base::Rng& rng);
    [[nodiscard]] std::size_t next_in_turn(const std::vector<Candidate>& able) const;
    [[nodiscard]] std::size_t least_connected(const std::vector<Candidate>& able) const;
    [[nodiscard]] std::size_t by_weight(const std::vector<Candidate>& able);
    [[nodiscard]] std::size_t by_priority(const std::vector<Candidate>& able) const;
    void use_fallback(const ViewOf& view, Choice& choice) const;

    Balancer balancer_;
    std::vector<std::int64_t> credits_;  ///< for each member, of the weighted strategy
    std::optional<std::size_t> last_;    ///< the member that got the last call
};

}  // namespace cxdial::balancer

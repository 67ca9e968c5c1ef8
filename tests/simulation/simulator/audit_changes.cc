// I5: what is held for an order is nobody else's; what was reversed never redeems again; what was revoked stays
// revoked; the code of a reissued voucher is dead, and nobody is told it any more; each change is done once, and
// a repetition is answered alike.
#include <algorithm>
#include <map>
#include <string>

#include "tests/simulation/simulator/auditor.h"

namespace kulanz::simulation {
namespace {

// Everything new that was done under one of the codes: asked after `since`, acknowledged, no repetition.
template <typename Log, typename Found>
bool AnyNew(const std::vector<const Log*>& logs, Deadline since, Found found) {
  return std::any_of(logs.begin(), logs.end(), [&](const Log* log) {
    return std::any_of(log->successes.begin(), log->successes.end(), [&](const auto& success) {
      return !success.replayed && log->attempts[success.attempt].asked > since && found(*log);
    });
  });
}

// Under this code nothing new may be used or held once `since` is over.
bool IsStillGood(const Chain& its, const std::string& code, Deadline since) {
  return AnyNew(its.redemptions, since,
                [&code](const RedemptionLog& log) { return log.code == code; }) ||
         AnyNew(its.changes, since, [&code](const ChangeLog& log) {
           return log.code == code && log.change == Change::kReserve;
         });
}

Finding CheckReversal(const Chain& its, const ChangeLog& log) {
  const Redemption* recorded = FindRedemption(its.current->life, RedemptionId(log.id));
  if (recorded == nullptr || !recorded->reversed_at ||
      recorded->amount.minor_units() != log.successes.front().amount) {
    return Broken("I5", log.code, log.id + " was reversed, and is not any more");
  }
  const Deadline since = log.FirstAcknowledged()->answered;
  for (const RedemptionLog* redemption : its.redemptions) {
    for (const RedemptionLog::Success& success : redemption->successes) {
      if (redemption->id == log.id && redemption->attempts[success.attempt].asked > since) {
        return Broken("I5", log.code, log.id + " was redeemed after it was reversed");
      }
    }
  }
  return std::nullopt;
}

Finding CheckRevocation(const Evidence& evidence, const Chain& its, const ChangeLog& log) {
  const Voucher& voucher = evidence.journal.vouchers.at(log.code);
  if (voucher.state != VoucherState::kRevoked || !voucher.life.revocation ||
      voucher.life.revocation->id.text() != log.id) {
    return Broken("I5", log.code, "revoked as " + log.id + ", and is not any more");
  }
  if (IsStillGood(its, log.code, log.FirstAcknowledged()->answered)) {
    return Broken("I5", log.code, "used after it was revoked as " + log.id);
  }
  return std::nullopt;
}

Finding CheckReissue(const Evidence& evidence, const Chain& its, const ChangeLog& log) {
  const Voucher& old = evidence.journal.vouchers.at(log.code);
  for (const ChangeLog::Success& success : log.successes) {
    const auto place = std::find(its.codes.begin(), its.codes.end(), success.new_code);
    const auto own = std::find(its.codes.begin(), its.codes.end(), log.code);
    if (place >= own) {
      return Broken("I5", log.code, log.id + " gave a code that did not take its place");
    }
  }
  if (old.state != VoucherState::kReissued || !old.life.reissue ||
      old.life.reissue->id.text() != log.id) {
    return Broken("I5", log.code, "reissued as " + log.id + ", and is not any more");
  }
  const Deadline since = log.FirstAcknowledged()->answered;
  if (IsStillGood(its, log.code, since)) {
    return Broken("I5", log.code, "used after it was reissued as " + log.id);
  }
  for (const ReportLog& report : evidence.journal.reports) {
    for (const SeenDecision& seen : report.seen) {
      if (seen.code == log.code && seen.asked > since) {
        return Broken("I5", log.code, "a report was answered with it after it was reissued");
      }
    }
  }
  return std::nullopt;
}

// Between these moments it is surely held: nobody had asked for anything that could end it.
struct Hold {
  Deadline from;
  Deadline until;
};
Hold SurelyHeld(const Evidence& evidence, const Chain& its, const ChangeLog& log) {
  Hold hold{log.FirstAcknowledged()->answered, Deadline::max()};
  const auto ends = [&hold](const std::vector<Attempt>& attempts) {
    if (!attempts.empty()) {
      hold.until = std::min(hold.until, attempts.front().asked);
    }
  };
  for (const RedemptionLog* redemption : its.redemptions) {
    if (redemption->order == log.order) {
      ends(redemption->attempts);
    }
  }
  for (const ChangeLog* change : its.changes) {
    if ((change->change == Change::kRelease && change->id == log.id) ||
        change->change == Change::kRevoke) {
      ends(change->attempts);
    }
  }
  for (const WithdrawalLog& withdrawal : evidence.journal.withdrawals) {
    if (withdrawal.incident == its.key.first) {
      ends(withdrawal.attempts);
    }
  }
  return hold;
}

Finding CheckHold(const Evidence& evidence, const Chain& its, const ChangeLog& log) {
  const Reservation* recorded = FindReservation(its.current->life, ReservationId(log.id));
  const std::int64_t held = log.successes.front().amount;
  if (recorded == nullptr || recorded->minor_units != held || recorded->order.text() != log.order) {
    return Broken("I5", log.code, log.id + " was reserved, and is not on record so");
  }
  const Hold hold = SurelyHeld(evidence, its, log);
  std::int64_t taken = 0;
  for (const RedemptionLog* redemption : its.redemptions) {
    for (const RedemptionLog::Success& success : redemption->successes) {
      const Attempt& attempt = redemption->attempts[success.attempt];
      const bool meanwhile = attempt.asked > hold.from && attempt.answered < hold.until &&
                             evidence.StoreTimeAt(attempt.answered) + evidence.SetBack() <=
                                 log.successes.front().held_until;
      if (meanwhile && !success.replayed && !its.WasAsked(Change::kReverse, redemption->id)) {
        taken += success.amount;
      }
    }
  }
  if (taken > 0 && taken + held > its.current->terms.amount.minor_units()) {
    return Broken("I5", log.code, "what was held as " + log.id + " was redeemed by others");
  }
  const bool released = recorded->state == ReservationState::kReleased &&
                        !its.WasAsked(Change::kRelease, log.id) &&
                        its.current->state != VoucherState::kRevoked;
  const bool lapsed =
      recorded->state == ReservationState::kLapsed &&
      evidence.StoreTimeAt(evidence.journal.looked_at) + evidence.SetBack() <= recorded->expires_at;
  if (released || lapsed) {
    return Broken("I5", log.code, log.id + " was released by nobody");
  }
  return std::nullopt;
}

Finding CheckOne(const Evidence& evidence, const Chain& its, const ChangeLog& log) {
  switch (log.change) {
    case Change::kReserve:
      return CheckHold(evidence, its, log);
    case Change::kReverse:
      return CheckReversal(its, log);
    case Change::kRevoke:
      return CheckRevocation(evidence, its, log);
    case Change::kReissue:
      return CheckReissue(evidence, its, log);
    case Change::kRelease:
      break;
  }
  return std::nullopt;
}

Finding CheckOnce(const Evidence& evidence) {
  std::map<std::pair<Change, std::string>, int> firsts;
  for (const ChangeLog& log : evidence.journal.changes) {
    for (const ChangeLog::Success& success : log.successes) {
      int& first = firsts[{log.change, log.id}];
      first += success.replayed ? 0 : 1;
      if (first > 1) {
        return Broken("I5", log.code,
                      std::string(ChangeName(log.change)) + " " + log.id + " was done twice");
      }
    }
  }
  for (const ChangeLog& again : evidence.journal.changed_again) {
    if (again.successes.empty() || !again.successes.back().replayed) {
      return Broken("I5", again.code,
                    "repeating " + std::string(ChangeName(again.change)) + " " + again.id +
                        " was no repetition: " + again.attempts.back().status.ToString());
    }
  }
  return std::nullopt;
}

}  // namespace

Finding AuditChanges(const Evidence& evidence) {
  for (const ChangeLog& log : evidence.journal.changes) {
    const Chain* chain = evidence.ChainOf(log.code);
    if (chain == nullptr || log.successes.empty()) {
      continue;
    }
    if (Finding finding = CheckOne(evidence, *chain, log)) {
      return finding;
    }
  }
  return CheckOnce(evidence);
}

}  // namespace kulanz::simulation

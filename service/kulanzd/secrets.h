// Secrets: the keys that kulanzd works with, from the files of one directory.
//
//   record.secret    seals what is stored (RecordCodec)
//   lookup.secret    finds vouchers by their code; changing it orphans every voucher
//   any other        makes voucher codes, from its `used_from` on (VoucherSecrets); to rotate, add one
//
// The file format is adapters/system/secret_files.h.
#pragma once

#include <memory>
#include <string>

#include "service/app/record_codec.h"
#include "service/app/voucher_secrets.h"
#include "service/base/result.h"
#include "service/ports/entropy.h"

namespace kulanz::server {

struct Secrets {
  app::RecordCodec codec;
  app::VoucherSecrets vouchers;
};

// Creates the three files that a new installation needs, where they are missing; existing ones stay.
Status CreateSecrets(const std::string& directory, ports::Entropy& entropy);

//   FAILED_PRECONDITION / SECRET_MISSING, and the failures of ReadSecretFiles.
Result<std::unique_ptr<const Secrets>> LoadSecrets(const std::string& directory);

}  // namespace kulanz::server

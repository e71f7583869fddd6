#include <aludel/sdk/environment.hpp>

#include "database.hpp"
#include "model.hpp"

ALUDEL_ENVIRONMENT(env) {
  env.url(hero::database_url());  // the connection the application itself uses

  aludel::Models models;
  hero::declare(models);
  env.target_metadata(models.metadata());  // every declared table
}

#pragma once

/// Everything an application needs to declare its tables: one include.
#include <aludel/model/column_type.hpp>
#include <aludel/model/enumeration.hpp>
#include <aludel/model/models.hpp>
#include <aludel/model/names.hpp>
#include <aludel/model/types.hpp>

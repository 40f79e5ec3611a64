/**
 * One seed for every property that states none: a failure is the same failure in every run. Set EIM_TEST_SEED to look
 * elsewhere.
 */
import * as FastCheck from "effect/FastCheck"

FastCheck.configureGlobal({ seed: Number.parseInt(process.env["EIM_TEST_SEED"] ?? "20240601", 10) })

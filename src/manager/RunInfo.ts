/**
 * What kind of run this is: a label for logs and status. Nothing branches on it.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Layer from "effect/Layer"

/** What a set of layers is called. The manager logs it and never branches on it. @category models @since 0.1.0 */
export type ExecutionMode = "backtest" | "paper" | "live"

/**
 * Label of the run.
 *
 * @category services
 * @since 0.1.0
 */
export class RunInfo extends Context.Tag("execution-interface-manager/manager/RunInfo")<
  RunInfo,
  {
    readonly executionMode: ExecutionMode
    /** sha256 of the settings, without secrets. */
    readonly configHash: string
  }
>() {}

/** The label of a program, as it is given. @category layers @since 0.1.0 */
export const layer = (info: RunInfo["Type"]): Layer.Layer<RunInfo> => Layer.succeed(RunInfo, info)

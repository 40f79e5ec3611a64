/**
 * Failures of values that do not hold, and any failure as JSON.
 *
 * @since 0.1.0
 */
import * as Arr from "effect/Array"
import * as EimError from "../domain/EimError.js"
import * as ExecutionReport from "../domain/ExecutionReport.js"
import * as Fault from "../domain/Fault.js"
import type { Json } from "../domain/Json.js"
import * as Failure from "./Failure.js"

/**
 * The failure as the `error` of `--json`. One of the registry has its code; others have their kind in capitals.
 *
 * @category combinators
 * @since 0.1.0
 */
export const toJson = (failure: Failure.Failure): { readonly [key: string]: Json } =>
  failure.error === undefined
    ? {
      code: failure.kind.toUpperCase(),
      severity: "HIGH",
      message: failure.reason,
      resolution: failure.resolution,
      retry: "after_fix",
      ...(failure.path === undefined ? {} : { path: failure.path }),
      ...(failure.expected === undefined ? {} : { expected: failure.expected }),
      ...(failure.actual === undefined ? {} : { actual: failure.actual }),
      ...(failure.place === undefined ? {} : { file: failure.place.file }),
      ...(failure.place?.line === undefined ? {} : { line: failure.place.line }),
      ...(failure.place?.column === undefined ? {} : { column: failure.place.column }),
      ...(failure.series === undefined ? {} : { series: failure.series }),
      ...(failure.misfits === undefined ? {} : { faults: failure.misfits.map((misfit) => ({ ...misfit })) })
    }
    : ExecutionReport.errorToJson(failure.error)

/** A value in a file or an option that does not hold. @category constructors @since 0.1.0 */
export const ofFault = (
  kind: "arguments" | "config" | "input",
  source: string,
  fault: Fault.Fault,
  resolution: string
): Failure.Failure =>
  new Failure.Failure({
    kind,
    reason: `${source}: ${Fault.describe(fault)}`,
    path: fault.path,
    expected: fault.expected,
    actual: Fault.show(fault.actual),
    resolution
  })

/**
 * What does not hold of one thing that was read.
 *
 * @category models
 * @since 0.1.0
 */
export interface Misread {
  readonly source: string
  readonly faults: Fault.Faults
  readonly resolution: string
}

/** Settings that do not hold, of everything that was read. @category constructors @since 0.1.0 */
export const ofAll = (misread: Arr.NonEmptyReadonlyArray<Misread>): Failure.Failure => {
  const misfits = Arr.flatMap(misread, ({ faults, source }) =>
    Arr.map(faults, ({ actual, expected, path }): Failure.Misfit => ({ source, path, expected, actual: Fault.show(actual) })))
  const [{ actual, expected, path, source }] = misfits
  return new Failure.Failure({
    kind: "config",
    reason: misfits.length === 1
      ? `${source}: ${Fault.describe(misread[0].faults[0])}`
      : `${misfits.length} faults in ${misread.map(({ source }) => source).join(" and ")}`,
    path,
    expected,
    actual,
    misfits,
    resolution: [...new Set(misread.map(({ resolution }) => resolution))].join(" ")
  })
}

/**
 * An instruction that is not understood: EIM-001, with where it was read.
 *
 * @category constructors
 * @since 0.1.0
 */
export const ofError = (source: string, error: EimError.EimError): Failure.Failure => {
  const { actual, code, expected, path, reason, resolution } = error
  const named = EimError.of(code, { reason: `${source}: ${reason}`, path, expected, actual })
  const info = EimError.info(named)
  return new Failure.Failure({ kind: "input", reason: named.reason, path, expected, actual, resolution, error: info })
}

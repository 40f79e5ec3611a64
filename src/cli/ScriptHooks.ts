/**
 * How the modules of a script are found, in the thread where Node resolves modules.
 *
 * @since 0.1.0
 */
import * as fs from "node:fs"
import type { InitializeHook, ResolveHook } from "node:module"
import { fileURLToPath, pathToFileURL } from "node:url"

/**
 * What the thread is told.
 *
 * @category models
 * @since 0.1.0
 */
export interface Settings {
  /** Name of this package. */
  readonly name: string
  /** Directory of its modules as a URL, with `/` at the end. */
  readonly root: string
  /** Extension of its modules: `.js` as built, `.ts` in the sources. */
  readonly extension: string
  /** The public ones, as its manifest exports them: `./modes/Backtest`, and `.` for the whole. */
  readonly exports: ReadonlySet<string>
}

let own: Settings | undefined

/** @category constructors @since 0.1.0 */
export const initialize: InitializeHook<Settings> = (settings) => {
  own = settings
}

const isFile = (url: URL): boolean => fs.statSync(fileURLToPath(url), { throwIfNoEntry: false })?.isFile() === true

const isForeign = (url: string): boolean => !url.startsWith("file:") || url.includes("/node_modules/")

const isScript = /\.m?[jt]sx?$/

/** TypeScript is imported under the name it is built to, or under none at all. */
const candidates = (specifier: string): ReadonlyArray<string> => [
  specifier,
  specifier.replace(/\.(m?)js(x?)$/, ".$1ts$2"),
  ...["ts", "tsx", "mts", "js", "mjs"].flatMap((extension) => [`${specifier}.${extension}`, `${specifier}/index.${extension}`])
]

/** A file of the user: a module, whatever the nearest package.json says. */
const local = (specifier: string, parent: string | undefined): string | undefined => {
  const absolute = specifier.startsWith("file:")
  const beside = /^\.{0,2}\//.test(specifier) && parent !== undefined && !isForeign(parent)
  if (!absolute && !beside) return undefined
  for (const candidate of candidates(specifier)) {
    if (!URL.canParse(candidate, parent)) continue
    const url = new URL(candidate, parent)
    if (isForeign(url.href) || !isScript.test(url.pathname) || !isFile(url)) continue
    return `${pathToFileURL(fs.realpathSync(fileURLToPath(url))).href}${url.search}`
  }
  return undefined
}

/** A module of this package: the very one that runs, so that its services are the same to the script. */
const ours = (specifier: string, { exports, extension, name, root }: Settings): string | undefined => {
  if (specifier !== name && !specifier.startsWith(`${name}/`)) return undefined
  const path = `.${specifier.slice(name.length)}`
  if (!exports.has(path)) return undefined
  const url = new URL(`${path === "." ? "./index" : path}${extension}`, root)
  return isFile(url) ? url.href : undefined
}

const shared = /^(?:effect|@effect\/[^/]+)(?:\/|$)/

/**
 * Finds a module of a script. This package and Effect are those of the running program, so that neither is loaded twice
 * and a script needs no installation of its own; packages of Effect that this program lacks are looked for beside the
 * script, as all others are.
 *
 * @category combinators
 * @since 0.1.0
 */
export const resolve: ResolveHook = async (specifier, context, next) => {
  if (own === undefined) return next(specifier, context)
  const url = ours(specifier, own) ?? local(specifier, context.parentURL)
  if (url !== undefined) return { url, format: "module", shortCircuit: true }
  if (specifier.startsWith(`${own.name}/`)) return Promise.reject(new Error(`${specifier} is no public module of this package`))
  if (!shared.test(specifier)) return next(specifier, context)
  return Promise.resolve(next(specifier, { ...context, parentURL: own.root })).catch(() => next(specifier, context))
}

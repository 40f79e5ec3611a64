/**
 * The settings of venues, in each of the forms in which they are written.
 *
 * The flat form names venues: `{"binance": {…}}`. The form by family names them within `cex`, `dex` and `onchain`, as
 * an object of settings or as a list of names: `{"cex": {"binance": {…}}, "dex": ["uniswap"]}`. Both may stand together.
 *
 * @since 0.1.0
 */
import type * as Account from "../domain/Account.js"
import * as Fault from "../domain/Fault.js"
import type * as Venue from "../venue/Venue.js"

/** The families that venues are written under. @category constants @since 0.1.0 */
export const families: ReadonlyArray<Venue.Family> = ["cex", "dex", "onchain"]

/**
 * A venue that the settings name.
 *
 * @category models
 * @since 0.1.0
 */
export interface Named {
  /** `undefined` where it is only named. */
  readonly settings: unknown
  /** Where its settings stand, or else its name. */
  readonly path: string
  /** The family that it is written under. */
  readonly family: { readonly name: Venue.Family; readonly path: string } | undefined
}

/**
 * What settings say of venues.
 *
 * @category models
 * @since 0.1.0
 */
export interface VenueSettings {
  readonly venues: ReadonlyMap<Account.VenueId, Named>
  /** Families that are written: a venue of one of them that is named nowhere is left out. */
  readonly stated: ReadonlySet<Venue.Family>
  readonly faults: ReadonlyArray<Fault.Fault>
}

/**
 * Settings as they are written, and the name of the field that they stand in.
 *
 * @category models
 * @since 0.1.0
 */
export interface Source {
  readonly field: string
  readonly value: unknown
}

const agree = (one: unknown, other: unknown): boolean => {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((member, index) => agree(member, other[index]))
  }
  if (!Fault.isRecord(one) || !Fault.isRecord(other)) return Object.is(one, other)
  const keys = Object.keys(one)
  return keys.length === Object.keys(other).length && keys.every((key) => Object.hasOwn(other, key) && agree(one[key], other[key]))
}

/** Whether nothing is set: an empty object only names its venue. */
const isEmpty = (settings: unknown): boolean =>
  settings === undefined || (Fault.isRecord(settings) && Object.keys(settings).length === 0)

interface Mention extends Named {
  readonly id: string
}

const isFamily = (name: string): name is Venue.Family => families.some((family) => family === name)

const inFamily = (name: Venue.Family, value: unknown, path: string): ReadonlyArray<Mention | Fault.Fault> => {
  if (Array.isArray(value)) {
    return value.map((id: unknown, index): Mention | Fault.Fault => {
      const at = `${path}[${index}]`
      return typeof id === "string"
        ? { id, settings: undefined, path: at, family: { name, path: at } }
        : { path: at, expected: "the name of a venue", actual: id }
    })
  }
  if (!Fault.isRecord(value)) {
    return [{ path, expected: "an object of settings by venue, or a list of venues", actual: value }]
  }
  return Object.keys(value).map((id) => {
    const at = Fault.formatPath(path, [id])
    return { id, settings: value[id], path: at, family: { name, path: at } }
  })
}

const mentions = ({ field, value }: Source): ReadonlyArray<Mention | Fault.Fault> => {
  if (value === undefined) return []
  if (!Fault.isRecord(value)) return [{ path: field, expected: "an object", actual: value }]
  return Object.keys(value).flatMap((key) => {
    const path = Fault.formatPath(field, [key])
    return isFamily(key) ? inFamily(key, value[key], path) : [{ id: key, settings: value[key], path, family: undefined }]
  })
}

/** Two mentions of one venue as one, or where they contradict each other. */
const joined = (first: Named, second: Named): Named | Fault.Fault => {
  if (first.family !== undefined && second.family !== undefined && first.family.name !== second.family.name) {
    return { path: second.family.path, expected: `the family ${first.family.name}, as ${first.family.path} says`, actual: second.family.name }
  }
  const [named, other] = isEmpty(first.settings) ? [second, first] : [first, second]
  return isEmpty(other.settings) || agree(named.settings, other.settings)
    ? { settings: named.settings ?? other.settings, path: named.path, family: first.family ?? second.family }
    : { path: second.path, expected: `${Fault.show(first.settings)}, as ${first.path} says`, actual: second.settings }
}

/**
 * Reads settings of venues from every place in which they stand. A venue may be named more than once; settings that
 * contradict each other are a fault, and so are two families of one venue. An empty object only names its venue.
 *
 * @category constructors
 * @since 0.1.0
 */
export const read = (sources: ReadonlyArray<Source>): VenueSettings => {
  const venues = new Map<Account.VenueId, Named>()
  const faults: Array<Fault.Fault> = []
  for (const mention of sources.flatMap(mentions)) {
    if (!("id" in mention)) {
      faults.push(mention)
      continue
    }
    const { id, ...named } = mention
    if (id in Object.prototype) {
      faults.push({ path: named.path, expected: "the name of a venue", actual: id })
      continue
    }
    const before = venues.get(id)
    const now = before === undefined ? named : joined(before, named)
    if ("expected" in now) faults.push(now)
    else venues.set(id, now)
  }
  const stated = families.filter((family) => sources.some(({ value }) => Fault.isRecord(value) && Object.hasOwn(value, family)))
  return { venues, stated: new Set(stated), faults }
}

/**
 * The flat form: settings by venue, and the names of each family that is written. {@link read} reads the same from it.
 *
 * @category combinators
 * @since 0.1.0
 */
export const flat = ({ stated, venues }: VenueSettings): { readonly [key: string]: unknown } => {
  const made: Record<string, unknown> = {}
  for (const family of families) {
    if (stated.has(family)) made[family] = [...venues].filter(([, named]) => named.family?.name === family).map(([id]) => id)
  }
  for (const [id, { family, settings }] of venues) {
    if (settings !== undefined && (family === undefined || !isEmpty(settings))) made[id] = settings
  }
  return made
}

/**
 * Which networks and accounts tokens come in and go out by.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Account from "../../domain/Account.js"
import type * as Asset from "../../domain/Asset.js"
import type * as Venue from "../../venue/Venue.js"
import * as Refusal from "../Refusal.js"
import * as Instruments from "./Instruments.js"
import * as Profile from "./Profile.js"
import * as Settings from "./Settings.js"

/**
 * The account that tokens come to and leave from: the named one, if it can, or the usual one.
 *
 * @category combinators
 * @since 0.1.0
 */
export const gateway = (
  settings: Settings.Settings,
  token: Asset.Asset,
  sub: Account.SubAccount | undefined,
  field: "from_venue" | "to_venue"
): Either.Either<Account.SubAccount, Refusal.Refusal> => {
  const gateways = settings.gateways[token] ?? settings.gateways.other
  if (sub === undefined) return Either.right(gateways[0])
  const named = Settings.accountOf(settings, sub)
  return named !== undefined && gateways.includes(named)
    ? Either.right(named)
    : Either.left(Refusal.make(
      "unsupported",
      `${token} ${field === "to_venue" ? "reaches" : "leaves"} ${settings.venue} by its account ${
        gateways.join(" or ")
      }; the accounts of ${settings.venue} need a transfer of their own between them`,
      {
        field,
        expected: gateways.map((account) => `${settings.venue}_${account}`).join(" or "),
        actual: `${settings.venue}_${sub}`
      }
    ))
}

/** What a token costs and takes on a network. @category combinators @since 0.1.0 */
export const terms = (
  settings: Settings.Settings,
  token: Asset.Asset,
  network: string
): Either.Either<Settings.Terms, Refusal.Refusal> => {
  const networks = settings.networks.get(token)
  const known = networks?.get(network)
  if (known !== undefined) return Either.right(known)
  const { venue } = settings
  return Either.left(
    networks === undefined
      ? Refusal.make("unsupported", `${venue} knows no terms of transfers of ${token}; they can be set in networks`, {
        field: "token",
        expected: `one of ${[...settings.networks.keys()].join(", ")}`,
        actual: token
      })
      : Refusal.make("unsupported", `${venue} moves no ${token} on the network ${network}`, {
        field: "network",
        expected: [...networks.keys()].join(" or "),
        actual: network
      })
  )
}

/**
 * Where a deposit is sent to, and when it is credited. Addresses are names: `<venue>:<network>`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const destination = (
  settings: Settings.Settings,
  token: Asset.Asset,
  network: string = Profile.defaultNetwork,
  sub: Account.SubAccount | undefined
): Either.Either<Venue.Destination, Refusal.Refusal> => {
  const known = terms(settings, token, network)
  if (Either.isLeft(known)) return Either.left(known.left)
  return Either.map(gateway(settings, token, sub, "to_venue"), (account) => ({
    account: Account.make(settings.venue, account),
    address: `${settings.venue}:${network}`,
    network,
    minimum: known.right.depositMinimum,
    quantum: Instruments.quantum,
    delay: known.right.depositDelay
  }))
}

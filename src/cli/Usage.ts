/**
 * The commands of `eim` with their arguments, as help shows them and as arguments are read.
 *
 * @since 0.1.0
 */

/**
 * An option. Without `value` it is a switch.
 *
 * @category models
 * @since 0.1.0
 */
export interface Flag {
  readonly name: string
  readonly value?: string | undefined
  readonly required?: boolean | undefined
  /** Whether it may be given more than once. */
  readonly many?: boolean | undefined
  /** All that it may be, where these are few words. */
  readonly values?: ReadonlyArray<string> | undefined
  readonly text: string
}

/**
 * A command.
 *
 * @category models
 * @since 0.1.0
 */
export interface Usage {
  readonly name: string
  readonly summary: string
  readonly about: ReadonlyArray<string>
  /** `many`: one or more of them. */
  readonly argument?: {
    readonly name: string
    readonly text: string
    readonly many?: boolean | undefined
    /** All that it may be, where these are few words. */
    readonly values?: ReadonlyArray<string> | undefined
  } | undefined
  readonly flags: ReadonlyArray<Flag>
  readonly examples: ReadonlyArray<{ readonly text: string; readonly command: string }>
  /** Blocks of text below the examples, each with a title. */
  readonly notes: ReadonlyArray<{ readonly title: string; readonly lines: ReadonlyArray<string> }>
}

const data: Flag = {
  name: "data",
  value: "PATH",
  many: true,
  text: "market data: a file, or every *.csv and *.parquet of a directory, with a column timestamp, every other column a series; `embedded` is the table of the package, `database` that of BASIS_DATABASE_URL. Given more than once, all of them together. Default: embedded, 2024-05-13 to 2025-09-18 every 8 hours"
}

const overlap: Flag = {
  name: "on-conflict",
  value: "RULE",
  values: ["refuse", "first", "last"],
  text: "where a series stands in two of the data and they differ: refuse, or take it from the first or the last. Default: refuse"
}

const config: Flag = { name: "config", value: "FILE", text: "settings as JSON: capital, costs, venues. What is left out has a default; `eim schema config` lists them all" }

const json: Flag = { name: "json", text: "one JSON object on standard output, also where something is refused" }

/** What a command leaves with. @category constants @since 0.1.0 */
export const exitCodes = {
  title: "EXIT CODES",
  lines: [
    "0    all executed",
    "1    an instruction was refused or failed",
    "2    arguments, settings or input not understood; nothing was executed",
    "3    something could not be read or written",
    "4    all executed, and a venue liquidated a position",
    "78   a CRITICAL error: look before anything is started again",
    "130  stopped by Ctrl-C",
    "141  the output was closed before its end, as head does",
    "143  stopped by SIGTERM"
  ]
}

/** The same of commands that execute nothing. */
const fileExitCodes = {
  title: "EXIT CODES",
  lines: [
    "0    done",
    "2    arguments or files not understood; nothing was written",
    "3    something could not be read or written",
    "130  stopped by Ctrl-C",
    "141  the output was closed before its end, as head does",
    "143  stopped by SIGTERM"
  ]
}

/** A backtest of the id first. */
const lending =
  "echo '{\"timestamp\": \"2024-06-01T00:00Z\", \"instruction_block\": {\"instruction_type\": \"smart_contract_action\", \"protocol\": \"aave\", \"action\": \"supply\", \"token\": \"USDT\", \"amount\": \"10000\"}}' > blocks.jsonl\n" +
  "eim backtest blocks.jsonl --to 2025-06-01T00:00Z --id first"

const backtest: Usage = {
  name: "backtest",
  summary: "run a script over historical data",
  about: [
    "Runs a script from its first instant to its last with simulated venues, and shows what it came to: value over time, balances, positions, costs, and every assumption that was made. The first instruction that is refused stops the run.",
    "Nothing is drawn by chance and no clock is read: the same inputs give the same bytes."
  ],
  argument: {
    name: "SCRIPT",
    text: "what to do and when: a .jsonl file of blocks with their instants, or a TypeScript or JavaScript module that decides as time passes. Both are shown below"
  },
  flags: [
    data,
    overlap,
    { name: "from", value: "T", text: "first instant, as 2024-06-01T00:00Z. Default: the first of the data, or of the blocks" },
    { name: "to", value: "T", text: "last instant, included. Default: the last of the data, or of the blocks" },
    {
      name: "balances",
      value: "FILE",
      text: "what is held at the beginning, in whole tokens, as {\"wallet\": {\"USDT\": \"10000\"}}. Default: what the script says, else initial_capital in the wallet"
    },
    config,
    { name: "out", value: "DIR", text: "where results go, each run in a directory of its own. Default: results" },
    { name: "id", value: "ID", text: "name of the run. Default: the first 16 digits of a hash over all inputs" },
    { name: "force", text: "replace the finished run of the same id, once this one is complete. Without it a finished run stays, and this one is refused" },
    { name: "assumptions", text: "show every assumption in force with its source, also those that the run did not depend on" },
    json
  ],
  examples: [
    {
      text: "10000 USDT are lent for a year",
      command: lending
    },
    { text: "only its last value", command: "eim backtest blocks.jsonl --to 2025-06-01T00:00Z --json | jq -r .value.final" }
  ],
  notes: [
    {
      title: "A SCRIPT OF BLOCKS (one JSON object a line, in the order of time)",
      lines: [
        "{\"timestamp\": \"2024-06-01T00:00:00Z\", \"instruction_block\": {\"instruction_type\":",
        "  \"smart_contract_action\", \"protocol\": \"aave\", \"action\": \"supply\", \"token\": \"USDT\", \"amount\": \"10000\"}}",
        "The block is what eim route takes: one instruction, or several. Without it only what is due is settled.",
        "The whole file is read before anything is executed."
      ]
    },
    {
      title: "A SCRIPT AS A PROGRAM",
      lines: [
        "// lend.ts: lends what is in the wallet, on the first day",
        "import * as Script from \"execution-interface-manager/modes/Backtest/Script\"",
        "export default Script.make({",
        "  initialBalances: { wallet: { USDT: \"10000\", ETH: \"1\" } },",
        "  every: \"1 day\",",
        "  decide: (time, positions) =>",
        "    positions.balance(\"wallet\", \"USDT\") === 0n ? [] : [",
        "      { instruction_type: \"smart_contract_action\", protocol: \"aave\", action: \"supply\", token: \"USDT\", amount: \"max\" }",
        "    ]",
        "})",
        "decide answers blocks, or an Effect of them. The module is run with your own rights, as with `node`."
      ]
    },
    {
      title: "FILES in OUT/ID",
      lines: [
        "report.json       what --json prints",
        "events.jsonl      every event, written as it happens; events.csv is the same as a table",
        "value.csv         value over time",
        "operations.jsonl  the report of every block",
        "A run writes into OUT/ID.part and takes its place, OUT/ID, when it is complete. What does not get to its",
        "end stays there, until the next run of the id."
      ]
    },
    exitCodes
  ]
}

const route: Usage = {
  name: "route",
  summary: "execute one block of instructions",
  about: [
    "Executes one block, or a bare instruction, at an instant of the past with simulated venues, and shows what became of each operation and the net change of position.",
    "A transfer takes its time: it is waited for, and what arrives is part of the answer."
  ],
  argument: { name: "BLOCK", text: "a file of JSON, or - for standard input: one instruction, or a block of them. Both are shown below" },
  flags: [
    { name: "at", value: "T", required: true, text: "the instant, within the data, as 2024-07-03T16:00Z" },
    { name: "mode", value: "M", values: ["backtest"], text: "how it is executed: backtest, the one mode that there is. Default: BASIS_EXECUTION_MODE, else backtest" },
    data,
    overlap,
    { name: "balances", value: "FILE", text: "what is held before, in whole tokens, as {\"binance\": {\"ETH\": \"1\"}}. Default: nothing" },
    config,
    { name: "no-wait", text: "do not wait until transfers have arrived: they stay pending" },
    json
  ],
  examples: [
    {
      text: "sell one ether",
      command: "echo '{\"instruction_type\": \"cex_trade\", \"venue\": \"binance\", \"trade_type\": \"spot\", \"side\": \"sell\", \"symbol\": \"ETHUSDT\", \"amount\": \"1\"}' > sale.json\n" +
        "echo '{\"binance\": {\"ETH\": \"1\"}}' > start.json\n" +
        "eim route sale.json --at 2024-07-03T16:00Z --balances start.json"
    },
    { text: "from another program, and only the change", command: "cat sale.json | eim route - --at 2024-07-03T16:00Z --balances start.json --json | jq .deltas" }
  ],
  notes: [
    {
      title: "AN INSTRUCTION (of one of three types; eim schema instruction lists every field)",
      lines: [
        "{\"instruction_type\": \"wallet_transfer\", \"from_venue\": \"wallet\", \"to_venue\": \"binance\",",
        " \"token\": \"USDT\", \"amount\": \"1000\"}",
        "{\"instruction_type\": \"smart_contract_action\", \"protocol\": \"aave\", \"action\": \"supply\",",
        " \"token\": \"USDT\", \"amount\": \"max\"}",
        "{\"instruction_type\": \"cex_trade\", \"venue\": \"binance\", \"trade_type\": \"spot\", \"side\": \"sell\",",
        " \"symbol\": \"ETHUSDT\", \"amount\": \"1\"}"
      ]
    },
    {
      title: "A BLOCK (its instructions are executed in order, until one does not go through)",
      lines: [
        "{\"block_id\": \"exit-7\", \"instructions\": [",
        "  {\"instruction_type\": \"cex_trade\", \"venue\": \"binance\", \"trade_type\": \"spot\", \"side\": \"sell\",",
        "   \"symbol\": \"ETHUSDT\", \"amount\": \"1\", \"estimated_deltas\": {\"binance\": {\"ETH\": \"-1\", \"USDT\": \"3300\"}}}]}"
      ]
    },
    {
      title: "VENUES",
      lines: [
        "trades     binance, bybit, okx, hyperliquid",
        "lending    aave, morpho",
        "staking    lido, etherfi",
        "swaps      uniswap, curve",
        "transfers  wallet, to and from the exchanges and the lenders"
      ]
    },
    exitCodes
  ]
}

const errors: Usage = {
  name: "errors",
  summary: "list the error codes",
  about: ["Every code that an instruction can be refused with, its severity, what it means, and what to do about it. A report has the code in its error."],
  flags: [{ name: "json", text: "the same as a JSON array" }],
  examples: [{ text: "what to do about one of them", command: "eim errors --json | jq -r '.[] | select(.code == \"EIM-005\") | .resolution'" }],
  notes: []
}

const schema: Usage = {
  name: "schema",
  summary: "print the JSON Schema of inputs and outputs",
  about: ["Prints the JSON Schema (draft-07) of one thing that goes in or comes out, for editors and for programs that check what they read."],
  argument: { name: "WHAT", values: ["instruction", "block", "config", "report", "event", "result", "refusal", "status", "snapshot"], text: "instruction, block, config, report, event, result, refusal, status or snapshot" },
  flags: [],
  examples: [
    { text: "every field of an instruction", command: "eim schema instruction" },
    { text: "let an editor check settings", command: "eim schema config > config.schema.json" }
  ],
  notes: [
    {
      title: "WHAT THEY ARE OF",
      lines: [
        "instruction  what is to be done: a transfer, a smart-contract action, a trade",
        "block        several of them",
        "config       what --config takes",
        "report       what eim route --json prints",
        "result       what eim backtest --json prints",
        "refusal      what every other command prints with --json when it is refused",
        "event        a line of the event log",
        "status       how a manager stands, and snapshot, the same with its history: for programs that embed one"
      ]
    },
    {
      title: "BEYOND THE SCHEMA",
      lines: [
        "The fields of an instruction may also stand under params. Rules between fields, such as a price for",
        "a limit order only, are checked when an instruction is read, and the error names the field."
      ]
    }
  ]
}

const completions: Usage = {
  name: "completions",
  summary: "print completion for a shell",
  about: ["Commands, options, their values, files and directories are completed on Tab once the script is read by the shell."],
  argument: { name: "SHELL", values: ["bash", "zsh", "fish"], text: "bash, zsh or fish" },
  flags: [],
  examples: [
    { text: "in this bash; in ~/.bashrc, in every one", command: "source <(eim completions bash)" },
    { text: "in zsh, after compinit", command: "source <(eim completions zsh)" },
    { text: "in fish", command: "eim completions fish | source" }
  ],
  notes: []
}

const dataImport: Usage = {
  name: "data import",
  summary: "turn files of exchanges into series",
  about: [
    "Reads files as they are downloaded, CSV, zipped, gzipped or Parquet, and writes series, which runs read with --data. The columns tell what a file is, its rows and its name mostly whose; what it was recognised as is stated, and what contradicts it is refused.",
    "Nothing looks ahead: the open of a candle stands when it begins, its high and low when it has ended, its close nowhere. Nothing is filled in. Repeated rows are dropped, gaps and rows out of order are named, and values that differ stop the import unless you say which holds."
  ],
  argument: { name: "FILE", text: "files of exchanges, one or more", many: true },
  flags: [
    { name: "token", value: "T", text: "token that the figures are of, as ETH. Default: what the file says" },
    { name: "venue", value: "V", text: "exchange of perpetuals and funding, as binance. Default: that of the format. Candles without either are spot prices" },
    { name: "market", value: "MARKET", values: ["spot", "perpetual"], text: "spot or perpetual. Default: what the file says, else perpetual where a venue is named" },
    { name: "kind", value: "KIND", values: ["candles", "trades", "funding", "contexts", "aave", "rate", "gas", "values"], text: "candles, trades, funding, contexts, aave, rate, gas or values. Default: what the columns tell" },
    { name: "series", value: "NAME", text: "name of the series, instead of one made of kind, venue and token" },
    { name: "only", value: "SYMBOL", text: "of a file of several markets the rows of this one" },
    { name: "columns", value: "FIELD=COLUMN,…", text: "columns of a format that is not known, by their names or, without a header, their numbers: time=when,open=o,high=h,low=l" },
    { name: "candle", value: "LENGTH", text: "length of a candle, as \"1 hour\"; of trades, 1 minute by default. Default: what the rows tell" },
    { name: "on-conflict", value: "RULE", values: ["refuse", "first", "last"], text: "where two rows tell different values: refuse, first or last. Default: refuse" },
    { name: "out", value: "FILE", text: "where the series go, as CSV or, by the name x.parquet, as Parquet. Default: standard output; with --json, nowhere" },
    json
  ],
  examples: [
    {
      text: "perpetual prices of an exchange",
      command: "printf '%s\\n' timestamp,open,high,low 2024-06-01T00:00:00Z,3762,3770,3750 2024-06-01T01:00:00Z,3765,3790,3760 > candles.csv\n" +
        "eim data import candles.csv --venue binance --token ETH --out market/perp-eth.csv"
    },
    { text: "what is amiss with a file, and nothing written", command: "eim data import candles.csv --token ETH --json | jq .gaps" }
  ],
  notes: [
    {
      title: "WHAT IS RECOGNISED, AND THE SERIES IT BECOMES",
      lines: [
        "candles   Binance Vision, Bybit, OKX, CryptoDataDownload,   price.TOKEN, or",
        "          TradingView, freqtrade; timestamp, open, high,    perp.VENUE.TOKEN; .high, .low",
        "          low of any other",
        "trades    Binance Vision, Bybit, OKX                        the same, by the minute",
        "funding   Binance Vision, OKX, Hyperliquid; timestamp,      funding.VENUE.TOKEN",
        "          funding_rate of any other",
        "contexts  Hyperliquid                                       perp., funding., price.",
        "aave      timestamp, liquidityIndex, variableBorrowIndex    aave.supply_index.TOKEN,",
        "                                                            aave.borrow_index.TOKEN",
        "rate      timestamp, oracle_price_eth or protocol_rate;     oracle.TOKEN/ETH",
        "          market_rate                                       dex.TOKEN/ETH",
        "gas       timestamp, gas_price_gwei                         gas.ethereum.gwei",
        "Times are RFC 3339 with a zone, or seconds, milliseconds, microseconds or nanoseconds since 1970. Lines that",
        "begin with # are left out, and so is every other column."
      ]
    },
    fileExitCodes
  ]
}

/** What examples of data check and load begin with. */
const prices = "mkdir -p market\n" +
  "printf '%s\\n' timestamp,price.ETH 2024-06-01T00:00Z,3762 2024-06-01T01:00Z,3755 2024-06-01T02:00Z,3744 2024-06-01T05:00Z,3788 > market/eth.csv"

const dataCheck: Usage = {
  name: "data check",
  summary: "show what series cover",
  about: ["Extent, count and step of every series, where it is silent for longer than its step, and the prices that are derived of the series, each with its rule."],
  argument: { name: "DATA", text: "files or directories of series, as --data takes them", many: true },
  flags: [overlap, json],
  examples: [
    { text: "prices with two hours missing", command: `${prices}\neim data check market` },
    { text: "which series have gaps", command: "eim data check market --json | jq '.series[] | select(.gaps != []) | .series'" }
  ],
  notes: [
    {
      title: "COVERAGE (from the oldest observation of all series to the newest, in equal parts)",
      lines: ["█ whole   ▓ more than two thirds   ▒ more than a third   ░ less   · nothing"]
    },
    fileExitCodes
  ]
}

const dataLoad: Usage = {
  name: "data load",
  summary: "load series into a database",
  about: ["Writes every observation into the table eim_observations, which is made where there is none: all of them or, on any error, none. What is there already is left; a value that differs is refused. Runs read it with BASIS_DATA_MODE=db."],
  argument: { name: "DATA", text: "files or directories of series, as --data takes them", many: true },
  flags: [
    overlap,
    { name: "db", value: "URL", text: "a file, as file:market.db, or a server, as postgres://user@host/name. Default: BASIS_DATABASE_URL, else the server of BASIS_DATABASE_HOST and its like, else file:eim-data.db" },
    json
  ],
  examples: [
    { text: "prices into a database that is a file", command: `${prices}\neim data load market --db file:market.db` },
    {
      text: "a run on that database",
      command: "echo '{\"binance\": {\"USDT\": \"10000\"}}' > start.json\n" +
        "echo '{\"timestamp\": \"2024-06-01T01:00Z\", \"instruction_block\": {\"instruction_type\": \"cex_trade\", \"venue\": \"binance\", \"trade_type\": \"spot\", \"side\": \"buy\", \"symbol\": \"ETHUSDT\", \"amount\": \"1\"}}' > buy.jsonl\n" +
        "BASIS_DATA_MODE=db BASIS_DATABASE_URL=file:market.db eim backtest buy.jsonl --balances start.json"
    }
  ],
  notes: [fileExitCodes]
}

const eventLog: Flag = {
  name: "file",
  value: "FILE",
  text: "the log, with the files of the days before beside it; of a backtest it is results/ID/events.jsonl. Default: that of a program, logs/events/execution_interface_manager_events.jsonl"
}

const eventsExport: Usage = {
  name: "events export",
  summary: "write the event log as a table",
  about: ["Writes the events of the log as CSV, oldest first, those of the days before included. The table is there whole or not at all. A line that is being written at the time is left out."],
  flags: [
    { name: "out", value: "FILE", required: true, text: "the table; its directory is made where there is none" },
    { name: "from", value: "T", text: "first instant, as 2024-06-01T00:00Z. Default: the first of the log" },
    { name: "to", value: "T", text: "last instant, included. Default: the last of the log" },
    eventLog,
    json
  ],
  examples: [
    { text: "those of a backtest", command: `${lending}\neim events export --file results/first/events.jsonl --out first.csv` },
    {
      text: "those of a day",
      command: "eim events export --file results/first/events.jsonl --from 2024-06-01T00:00Z --to 2024-06-01T23:59:59.999Z --out day.csv"
    }
  ],
  notes: [
    {
      title: "COLUMNS, always all of them and in this order",
      lines: [
        "order, timestamp, event_type, component   as in the log",
        "a column for each field of the data of any type of event, as operation_id, venue, error.code; lists as JSON",
        "other                                     what has no column, as JSON",
        "A text that a spreadsheet would compute, as =1+1, begins with '. Numbers stay numbers."
      ]
    },
    fileExitCodes
  ]
}

const eventsTail: Usage = {
  name: "events tail",
  summary: "show the newest events, and those to come",
  about: ["Shows the last events of the log, one line each. With --follow it goes on with what is written from then on, also in the file of the next day, until Ctrl-C."],
  flags: [
    eventLog,
    { name: "lines", value: "N", text: "how many of the events that are there. Default: 10" },
    { name: "follow", text: "wait for more" },
    { name: "json", text: "the lines of the log as they are, one JSON object each" }
  ],
  examples: [
    { text: "the last of a backtest", command: `${lending}\neim events tail --file results/first/events.jsonl --lines 3` },
    { text: "watch a program that trades, from where it was started", command: "eim events tail --follow" },
    { text: "only what failed, here nothing", command: "eim events tail --file results/first/events.jsonl --lines 1000 --json | jq 'select(.event_type == \"error\")'" }
  ],
  notes: [fileExitCodes]
}

/** The commands by name. @category constants @since 0.1.0 */
export const commands = {
  backtest,
  route,
  "data import": dataImport,
  "data check": dataCheck,
  "data load": dataLoad,
  "events export": eventsExport,
  "events tail": eventsTail,
  errors,
  schema,
  completions
} as const

/** What commands of two words have in common, by the first of them. @category constants @since 0.1.0 */
export const groups: { readonly [first: string]: string } = {
  data: "Market data of your own: files become series, series are looked at, and loaded into a database where there are many. Runs read a directory of series with --data, and the table of the package where nothing is named.",
  events: "The log of everything that a manager did, one event a line: that of a backtest, or that of a program that trades."
}

/** @category models @since 0.1.0 */
export type Name = keyof typeof commands

/** @category guards @since 0.1.0 */
export const isName = (text: string): text is Name => Object.hasOwn(commands, text)

/** The option of a command; one that it does not have is a defect. @category combinators @since 0.1.0 */
export const flag = (command: Usage, name: string): Flag => command.flags.find((flag) => flag.name === name)!

// From measurements to medians, ratios and targets; and these as text.

import { scenarios } from "./scenarios.mjs";
import { budget } from "./size.mjs";
import { median, ratio, round, summary, table } from "./stats.mjs";

const baseline = "oidc-client-ts";

/** @param sizes of Valetkey, or null when it was not among the cases; @param studies each with its cases */
export function summarize(cases, sizes, studies) {
  const results = {};
  for (const { scenario, subject, flavour, results: runs, failures } of cases) {
    const rival = cases.find(
      (each) =>
        each.scenario === (scenarios[scenario].against ?? scenario) && each.subject === baseline && each.flavour === flavour,
    );
    const times = runs.map(({ time }) => time);
    const entry = { ...summary(times), ratio: rival ? ratio(times, rival.results.map(({ time }) => time)) : null };
    if (runs[0]?.requests) {
      entry.requests = tally(runs.map((run) => run.requests));
      entry.requestsBefore = tally(runs.map((run) => run.requestsBefore));
    } else if (runs[0]) {
      entry.signedOutKnown = round(median(runs.map((run) => run.signedOutKnown)));
    }
    entry.failures = failures;
    ((results[scenario] ??= {})[flavour] ??= {})[subject] = entry;
  }
  const applications = Object.fromEntries(
    studies.map((study) => [study.name, Object.fromEntries(study.cases.map((each) => [each.subject, study.summarize(each)]))]),
  );
  const promised = studies.flatMap((study) => study.targets(applications[study.name]));
  return { results, applications, targets: [...targets(results, sizes), ...promised] };
}

/** How many runs made which requests, most frequent first. */
export function tally(runs) {
  const counts = new Map();
  for (const requests of runs) {
    const key = requests.join(", ") || "none";
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort(([, a], [, b]) => b - a));
}

/** What this library promises of itself, beside what was found; of what was measured alone. */
function targets(results, sizes) {
  const list = [];
  const size = (name, found, limit) =>
    list.push({ target: `${name}: at most ${limit} B brotli`, found: `${found} B`, met: found <= limit });
  if (sizes) {
    size("page shell", sizes.shell.brotli, budget.shell);
    size("page shell and vault", sizes.total.brotli, budget.total);
  }
  const find = (scenario, subject) => results[scenario]?.discovery?.[subject];

  for (const scenario of ["callback", "callback+50"]) {
    const entry = find(scenario, "valetkey");
    if (!entry) continue;
    const { requests = {}, failures } = entry;
    const sequences = Object.keys(requests);
    list.push({
      target: `${scenario}, discovery: the token request alone`,
      found: [
        ...sequences.map((sequence) => `${sequence} (${requests[sequence]} runs)`),
        ...(failures.length > 0 ? [`${failures.length} runs failed`] : []),
      ].join("; "),
      met: sequences.length === 1 && sequences[0] === "POST token" && failures.length === 0,
    });
  }
  const atMost = (limit, scenario, subject) => {
    const entry = find(scenario, subject);
    if (!entry || !find(scenario, baseline)) return;
    const target = `${scenario}, ${subject}, discovery: at most ${limit.toFixed(2)} times ${baseline}`;
    const { ratio: found } = entry;
    if (!found) {
      list.push({ target, found: "no run succeeded", met: false });
      return;
    }
    const close = found.low <= limit && limit <= found.high ? ", not told apart from the limit" : "";
    list.push({ target, found: inWords(found) + close, met: found.ratio <= limit });
  };
  atMost(1, "callback", "valetkey");
  atMost(1, "callback+50", "valetkey");
  atMost(1.1, "slow", "valetkey, preloaded");
  atMost(1.1, "slow", "valetkey");
  return list;
}

const inWords = ({ ratio, low, high }) => `${ratio.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;

export function printReport({ date, browser, node, load, loadAtEnd, runs, seconds, versions, results, applications, targets }, studies) {
  const named = Object.entries(versions).map(([library, version]) => (version ? `${library} ${version}` : library));
  console.log(`${date.slice(0, 10)}, ${browser}, Node ${node}, ${runs} runs of each case in ${seconds} s`);
  console.log(named.join(", "));
  console.log(`Load average when it began ${load.toFixed(2)}, when it ended ${loadAtEnd.toFixed(2)}. The slow and the late network are the steadier ones on a busy machine.`);
  if (Object.keys(results).length > 0) {
    console.log(`Milliseconds; the ratio is to ${baseline}'s median, with its 95 % interval.`);
  }
  for (const [scenario, flavours] of Object.entries(results)) {
    console.log(`\n${scenarios[scenario].title}\n`);
    const withRequests = scenario.startsWith("callback");
    const head = [scenario, "median", "p25", "p75", "ratio", withRequests ? "requests to the provider" : "signed out known"];
    const rows = Object.entries(flavours).flatMap(([flavour, subjects]) =>
      Object.entries(subjects).map(([subject, entry]) => [
        `${subject}, ${flavour}`,
        ...[entry.median, entry.p25, entry.p75].map((value) => value?.toFixed(1) ?? "-"),
        subject === baseline ? "1" : entry.ratio ? inWords(entry.ratio) : "-",
        withRequests ? inRequests(entry.requests) : (entry.signedOutKnown?.toFixed(1) ?? "-"),
      ]),
    );
    console.log(table(head, rows));
    for (const [flavour, subjects] of Object.entries(flavours)) {
      for (const [subject, { failures, runs: succeeded }] of Object.entries(subjects)) {
        if (failures.length > 0) {
          const share = `${failures.length} of ${failures.length + succeeded}`;
          console.log(`FAILED ${share}: ${subject}, ${flavour}: ${[...new Set(failures)].join("; ")}`);
        }
      }
    }
  }
  for (const { name, title, print } of studies) {
    console.log(`\n${title}\n`);
    print(applications[name]);
    for (const [subject, { failures }] of Object.entries(applications[name])) {
      if (failures.length > 0) console.log(`FAILED ${failures.length}: ${subject}: ${[...new Set(failures)].join("; ")}`);
    }
  }
  if (targets.length > 0) console.log("\nTargets\n");
  for (const { target, found, met } of targets) console.log(`${met ? "met   " : "MISSED"}  ${target}: ${found}`);
}

/** "2: GET discovery, POST token", with the number of runs where these differ. */
function inRequests(tally) {
  const entries = Object.entries(tally ?? {});
  const count = (sequence) => (sequence === "none" ? 0 : sequence.split(", ").length);
  return entries
    .map(([sequence, runs]) => `${count(sequence)}: ${sequence}${entries.length > 1 ? ` (${runs} runs)` : ""}`)
    .join("; ") || "-";
}

// The full answer to "why": the sentence, the priority array, what changed the value on its way, what was looked at.

import type { JSX } from "preact";
import { showCountdown, showName, showValue, showWho } from "./format";
import { showLearned } from "./learned";
import { text } from "./strings";
import type { Claim, Limitation, Point, Why } from "./types";

export function WhyPart({ why }: { why: Why }): JSX.Element {
  const words = text();
  const winner = why.claims.find((claim) => claim.value !== null && claim.source === why.winner);
  return (
    <section>
      <h3>{words.why}</h3>
      <p class="sentence">{why.sentence}</p>
      <p class={`quiet state-${why.write_state}`}>{words.writeState[why.write_state] ?? why.write_state}</p>
      <h3>{words.priorityArray}</h3>
      {why.claims.length === 0 ? (
        <p class="quiet">{words.noClaims}</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th>{words.priority}</th>
              <th>{words.source}</th>
              <th>{words.claim}</th>
              <th>{words.reason}</th>
            </tr>
          </thead>
          <tbody>
            {why.claims.map((claim) => (
              <ClaimRow key={`${claim.priority} ${claim.source}`} claim={claim} wins={claim === winner} point={why.point} />
            ))}
          </tbody>
        </table>
      )}
      {why.limited_by.length > 0 && <Limits limits={why.limited_by} point={why.point} />}
      {why.learned.map((learned) => (
        <p key={learned.policy} class="quiet learned">
          {showLearned(learned)}
        </p>
      ))}
      {why.inputs.length > 0 && <Inputs inputs={why.inputs} />}
    </section>
  );
}

function ClaimRow({ claim, wins, point }: { claim: Claim; wins: boolean; point: Point }): JSX.Element {
  const words = text();
  const wishes = [
    claim.value === null ? "" : showValue(claim.value, point),
    claim.low === null ? "" : words.atLeast(showValue(claim.low, point)),
    claim.high === null ? "" : words.atMost(showValue(claim.high, point)),
  ].filter(Boolean);
  return (
    <tr class={wins ? "wins" : ""}>
      <td>{claim.priority}</td>
      <td>
        {showWho(claim.source)}
        {wins && <strong class="mark">✓ {words.wins}</strong>}
      </td>
      <td class="wish">{wishes.join(", ") || "–"}</td>
      <td>
        {claim.reason}
        {claim.seconds_left !== null && <small>{words.left(showCountdown(claim.seconds_left))}</small>}
      </td>
    </tr>
  );
}

function Limits({ limits, point }: { limits: Limitation[]; point: Point }): JSX.Element {
  return (
    <>
      <h3>{text().limits}</h3>
      <ol class="limits">
        {limits.map((limit) => (
          <li key={`${limit.stage} ${limit.by}`}>
            <b>
              {showValue(limit.before, point)} → {showValue(limit.after, point)}
            </b>{" "}
            {limit.by} ({limit.stage}): {limit.reason}
          </li>
        ))}
      </ol>
    </>
  );
}

function Inputs({ inputs }: { inputs: Point[] }): JSX.Element {
  const words = text();
  return (
    <details>
      <summary>{words.inputs}</summary>
      <ul class="parameters">
        {inputs.map((point) => (
          <li key={point.id}>
            <span>
              {showName(point)} <small>{point.id}</small>
            </span>
            <span class="value">
              {showValue(point.value, point)} {point.quality !== "good" && words.quality[point.quality]}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}

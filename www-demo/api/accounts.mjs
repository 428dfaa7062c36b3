// The API's own accounts: one row for each (issuer, subject), made at the first visit.

import { mkdirSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import sqlite from "node-sqlite3-wasm";

// A subject is unique within its issuer only (OpenID Connect Core §5.7), so the pair is the key; never the e-mail
// address, which can change and be given to somebody else.
const TABLE = `
  CREATE TABLE IF NOT EXISTS accounts (
    id INTEGER PRIMARY KEY,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    created_at TEXT NOT NULL,
    visits INTEGER NOT NULL,
    UNIQUE (issuer, subject)
  ) STRICT`;

const VISIT = `
  INSERT INTO accounts (issuer, subject, created_at, visits) VALUES (:issuer, :subject, :now, 1)
  ON CONFLICT (issuer, subject) DO UPDATE SET visits = visits + 1
  RETURNING id, issuer, subject, created_at AS createdAt, visits`;

const STALE_LOCK = 10_000;

export function openAccounts(file) {
  mkdirSync(dirname(file), { recursive: true });
  removeStaleLock(`${file}.lock`);
  const database = new sqlite.Database(file);
  database.exec(TABLE);

  return {
    /** Finds or creates the account, and counts the visit. */
    visit(issuer, subject) {
      return database.get(VISIT, { ":issuer": issuer, ":subject": subject, ":now": new Date().toISOString() });
    },
    close() {
      if (database.isOpen) database.close();
    },
  };
}

/** The library locks with a directory for the time of a statement; a process that was killed then leaves it behind. */
function removeStaleLock(directory) {
  const lock = statSync(directory, { throwIfNoEntry: false });
  if (lock && Date.now() - lock.mtimeMs > STALE_LOCK) rmSync(directory, { recursive: true });
}

/** What processes say to each other over PostgreSQL's NOTIFY. */

/** Tasks are due: said in the transaction that made them. */
export const DUE = 'slipstream_due';
/** Accounts that are not what they were. */
export const CHANGED = 'slipstream_changed';
/** A name on the board has another value. */
export const PUT = 'slipstream_put';

/** Part of a transaction. PostgreSQL says it once, however often it is in there, and only when that is committed. */
export const SAY_DUE = `SELECT pg_notify('${DUE}', '')`;

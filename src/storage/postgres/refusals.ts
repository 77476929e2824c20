/** Why nobody may work on a database, in sentences for people. Whoever only explains them needs no driver. */

export class NewerSchema extends Error {
  constructor(at: number, known: number) {
    super(
      `The database in DATABASE_URL was written by a newer Slipstream (its version is ${at}, this program knows ${known}). ` +
        'Nothing was changed. Start the newer version again, or restore a dump made with this one.',
    );
    this.name = 'NewerSchema';
  }
}

/** An installation is being copied into the database (`move/permission.ts` has the lock), and nothing of it is to be seen yet. */
export class BeingFilled extends Error {
  constructor() {
    super(
      'An installation is being copied into the database in DATABASE_URL by "slipstream migrate --from sqlite". Nothing was changed. Wait until it says that it is done, then try again.',
    );
    this.name = 'BeingFilled';
  }
}

/** Names of riders are in every script. */
export class NotUnicode extends Error {
  constructor(encoding: string) {
    super(
      `The database in DATABASE_URL keeps text as ${encoding}, which has not every letter. Nothing was changed. ` +
        'Make one with createdb --encoding=UTF8 --template=template0 and name that.',
    );
    this.name = 'NotUnicode';
  }
}

export class AtWork extends Error {
  constructor(who: string) {
    super(
      `${who} the database in DATABASE_URL, so this did not begin and changed nothing. Wait until it is over, or stop every process of it (slipstream serve, receive and work, on every machine), then try again.`,
    );
    this.name = 'AtWork';
  }
}

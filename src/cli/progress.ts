const CELLS = 24;
const AT_MOST_EVERY_MS = 100;

export interface Progress {
  /** `detail` follows the figures: the time left, for example. */
  update(done: number, total: number, detail?: string): void;
  /** Takes the bar away. */
  end(): void;
}

/** One line that is written over and over. Where it is no terminal nothing is written. */
export function createProgress(stream: NodeJS.WriteStream, label: string): Progress {
  let drawnAt = 0;
  let drawn = false;

  return {
    update(done, total, detail = '') {
      const now = Date.now();
      if (!stream.isTTY || (now - drawnAt < AT_MOST_EVERY_MS && done < total)) return;
      drawnAt = now;
      drawn = true;
      const line = `${label} ${barOf(done, total)} ${done}/${total}${detail && `  ${detail}`}`;
      stream.write(`\r\x1b[K${line.slice(0, (stream.columns || 80) - 1)}`);
    },
    end() {
      if (drawn) stream.write('\r\x1b[K');
      drawn = false;
    },
  };
}

function barOf(done: number, total: number): string {
  const full = total > 0 ? Math.round((Math.min(done, total) / total) * CELLS) : 0;
  return `${'█'.repeat(full)}${'░'.repeat(CELLS - full)}`;
}

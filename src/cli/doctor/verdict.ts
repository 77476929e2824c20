/** What one check of `doctor` came to. */
export interface Verdict {
  check: string;
  status: 'ok' | 'warning' | 'failed';
  /** What is so, and, where it is not as it should be, what to do. */
  message: string;
}

type Say = (check: string, message: string) => Verdict;

export const ok: Say = (check, message) => ({ check, status: 'ok', message });
export const warning: Say = (check, message) => ({ check, status: 'warning', message });
export const failed: Say = (check, message) => ({ check, status: 'failed', message });

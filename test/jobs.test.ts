import { createJobs } from '../src/jobs/in-process.ts';
import { jobsSuite } from './conformance/jobs.ts';

jobsSuite(
  'one process',
  async () => createJobs({ now: Date.now, onError: () => {} }),
  async () => {},
);

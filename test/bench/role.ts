import { openRole } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { answer } from './answer.ts';
import { watchLoop } from './measure.ts';

/** One of several processes, as `slipstream receive` and `slipstream work` run it. */
const config = readConfig(process.env);
const role = process.env.BENCH_ROLE === 'work' ? 'work' : 'receive';
const fetchesPerThread = Number(process.env.BENCH_FETCHES ?? config.fetchesPerThread);
const running = await openRole(role, { ...config, fetchesPerThread }, createLog(config.logLevel));

answer({ listening: () => ({ url: running.url }), stalls: watchLoop() }, () => running.close());

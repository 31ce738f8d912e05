import { defineConfig } from 'tasks-ssh'

/** The benchmark says where its host is. */
export default defineConfig(JSON.parse(process.env.BENCH_CONFIG ?? '{}'))

import { defineConfig } from 'tasks-ssh'

// The example site, on a sandbox host: `tasks sandbox up demo`, then `tasks deploy --site staging.example.com`.
// `npm run demo` names the host, and adds its address, so that a browser finds the site without a name.
const { DEMO_HOST = 'demo', DEMO_ADDRESS } = process.env
const [address = 'demo', user] = DEMO_HOST.split('@').reverse()

export default defineConfig({
  app: { framework: 'django', directory: 'examples/django' },
  hosts: { demo: { address, user } },
  stages: { staging: {} },
  sites: {
    'staging.example.com': {
      host: 'demo',
      stage: 'staging',
      aliases: DEMO_ADDRESS === undefined ? [] : [DEMO_ADDRESS],
    },
  },
})

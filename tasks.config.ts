import { defineConfig, sandboxAddress } from 'tasks-ssh'

// The example site, on a sandbox host: `tasks sandbox up demo`, then `tasks deploy --site staging.example.com`.
// The host's address is an alias, so that a browser finds the site without a name; DEMO_ADDRESS is that of a server of your own.
const address = process.env.DEMO_ADDRESS ?? sandboxAddress('demo')

export default defineConfig({
  app: { framework: 'django', directory: 'examples/django' },
  hosts: { demo: {} },
  stages: { staging: {} },
  sites: {
    'staging.example.com': { host: 'demo', stage: 'staging', aliases: address === undefined ? [] : [address] },
  },
})

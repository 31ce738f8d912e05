import { defineConfig } from 'tasks-ssh'

export default defineConfig({
  hosts: { web1: { address: '203.0.113.10', user: 'elspeth' } },
  sites: { 'staging.example.com': { host: 'web1' } },
})

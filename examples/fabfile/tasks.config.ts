import { defineConfig } from 'tasks-ssh'

export default defineConfig({})

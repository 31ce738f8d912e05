import { expect, it } from 'vitest'
import { freePair } from '../../src/sandbox/addresses.ts'

it('takes the first four addresses that nothing overlaps', () => {
  expect(freePair('')).toEqual({ gateway: '10.231.0.1', address: '10.231.0.2' })
  expect(freePair('10.231.0.2/30\n10.231.0.4/30')).toEqual({ gateway: '10.231.0.9', address: '10.231.0.10' })
})

it('keeps away from a nameserver and from a single address', () => {
  expect(freePair('nameserver 10.231.0.3')).toEqual({ gateway: '10.231.0.5', address: '10.231.0.6' })
})

it('takes another range where a network reaches over the whole of one', () => {
  expect(freePair('10.0.0.0/8 via 192.168.1.1 dev tun0')?.address).toBe('172.29.0.2')
  expect(freePair('10.0.0.0/8 dev tun0\n172.16.0.0/12 dev docker0')?.address).toBe('192.168.231.2')
})

it('takes the two halves of the default route that a VPN sets for no obstacle', () => {
  expect(freePair('0.0.0.0/1 via 10.8.0.1 dev tun0\n128.0.0.0/1 via 10.8.0.1 dev tun0')?.address).toBe('10.231.0.2')
})

it('says that there is none where all ranges are taken', () => {
  expect(freePair('10.0.0.0/8\n172.16.0.0/12\n192.168.0.0/16')).toBeUndefined()
})

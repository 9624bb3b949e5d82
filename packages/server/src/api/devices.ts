import { z } from 'zod'
import { endAllDevices, endDevice, endOtherDevices, listDevices } from '../actions/devices.ts'
import { type Endpoint, endpoint } from './endpoint.ts'

const device = z.object({
  id: z.string(),
  name: z.string().nullable().describe('such as “Firefox on Windows”'),
  address: z.string().nullable(),
  signedInAt: z.iso.datetime(),
  lastSeenAt: z.iso.datetime(),
  current: z.boolean().describe('whether it is the one that asks'),
})

/** The devices of who calls. */
export const deviceEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'get',
    path: '/api/devices',
    name: 'listDevices',
    summary: 'All devices on which one is signed in',
    needs: 'signed-in',
    body: null,
    status: 200,
    answer: z.object({ devices: z.array(device) }),
    refusals: [],
    async handle({ services, session }) {
      const devices = await listDevices(services, session)
      const iso = (at: number) => new Date(at).toISOString()
      return {
        devices: devices.map((one) => ({ ...one, signedInAt: iso(one.signedInAt), lastSeenAt: iso(one.lastSeenAt) })),
      }
    },
  }),
  endpoint({
    method: 'delete',
    path: '/api/devices/{id}',
    name: 'endDevice',
    summary: 'Sign one device out',
    needs: 'fresh',
    body: null,
    status: 204,
    answer: null,
    refusals: ['no-such-device'],
    async handle({ services, session, c }) {
      const outcome = await endDevice(services, session, c.req.param('id') ?? '')
      return outcome === 'gone' ? { refused: 'no-such-device' } : undefined
    },
  }),
  endpoint({
    method: 'post',
    path: '/api/devices/end-others',
    name: 'endOtherDevices',
    summary: 'Sign all other devices out',
    needs: 'fresh',
    body: null,
    status: 200,
    answer: z.object({ ended: z.int().describe('how many') }),
    refusals: ['too-many-attempts'],
    handle: async ({ services, session }) => await endOtherDevices(services, session),
  }),
  endpoint({
    method: 'post',
    path: '/api/devices/end-all',
    name: 'endAllDevices',
    summary: 'Sign all devices out, this one too',
    needs: 'fresh',
    body: null,
    status: 204,
    answer: null,
    refusals: [],
    async handle({ services, session }) {
      await endAllDevices(services, session)
      return undefined
    },
  }),
]

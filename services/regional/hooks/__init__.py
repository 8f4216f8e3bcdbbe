"""Hooks: an office's own gateway is told what happens to recordings (WhatsApp, SMS, e-mail).

Owns: `hook`, `hook_position`, `hook_delivery`. Takes: an address and the events it wants. Gives:
signed requests (Standard Webhooks), tried again until they are taken. Never: a name, a NIK or a
telephone number; the gateway knows whose recording an id is.
"""

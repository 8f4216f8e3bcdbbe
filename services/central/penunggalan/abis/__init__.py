"""An ABIS of somebody else's in place of the built-in matcher: MOSIP's messages over HTTP.

Owns: `abis_mark`. Takes: rows of the gallery in their order, and probes. Gives: likenesses of those
the ABIS names, or GalleryIncomplete; and to the ABIS the irises it is told of, by address. Never: a
verdict; never "nobody" where the ABIS was behind, silent or not understood.
"""

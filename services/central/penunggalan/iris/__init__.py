"""Irises: whose recording resembles a probe, among everybody at the centre.

Owns: galleries in memory (made from the rows of `gallery`), kernels, thresholds. Takes: probes, and
the position up to which everybody is to be searched. Gives: likenesses with both eyes' distances,
or GalleryIncomplete. Never: a verdict; never "nobody" when a part of the gallery did not answer.
"""

"""Display filters: the pcap-filter language, with a few words of our own, as masks over a capture's columns.

`syntax.parse(text)` gives a tree or raises FilterError with the position of the mistake; `masks.select(tree, frames)` gives one
bool a frame. The words of pcap-filter(7) read the outermost headers as libpcap does; `inner ( … )` reads the innermost.
"""

"""Services that a system's services file lists for one transport protocol alone: libpcap takes `port http` for `tcp port http`.

Source: Debian's netbase, which tcpdump asks; names in neither set mean their port whatever the protocol.
"""

TCP_ALONE = """
    tcpmux systat users netstat qotd quote ftp-data ftp ssh telnet smtp mail whois nicname gopher finger http www iso-tsap acr-nema
    pop3 pop-3 auth ident nntp epmap netbios-ssn imap2 imap bgp smux snpp microsoft-ds submissions smtps urd ipp exec login shell
    printer spooler uucp klogin kshell afpovertcp submission kerberos-adm rsync ftps-data ftps telnets imaps pop3s socks proofd
    rmiregistry lotusnote ms-sql-s ingreslock kermit groupwise cisco-sccp gsigatekeeper dict gpsd gds-db gds_db iscsi-target mysql
    ms-wbt-server distcc daap svn suucp sieve epmd ntske xmpp-client jabber-client xmpp-server jabber-server cfengine postgresql
    amqps x11 x11-1 redis http-alt webcache puppet zabbix-agent zabbix-trapper amanda hkp db-lsp fax munin syslog-tls sane-port ircd
    tproxy git webmin
"""
UDP_ALONE = """
    bootps bootpc tftp ntp netbios-ns netbios-dgm xdmcp ptp-event ptp-general isakmp asf-rmcp biff who talk ntalk route router
    dhcpv6-client dhcpv6-server ms-sql-m l2f l2tp icpv2 ipsec-nat-t iax mdns afs3-fileserver afs3-callback rplay
"""

_PROTOCOLS = {name: protocol for names, protocol in ((TCP_ALONE, "tcp"), (UDP_ALONE, "udp")) for name in names.split()}


def protocol_of(name: str) -> str | None:
    """'tcp', 'udp', or None: any."""
    return _PROTOCOLS.get(name)

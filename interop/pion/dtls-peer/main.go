// A DTLS 1.2 client and server on pion/dtls, told what to do by lines on standard input:
//
//	serve KEY=VALUE ...           listens on a port of its own choice
//	connect port=N KEY=VALUE ...  makes an association; again makes one more, going on from its session
//	say TEXT                      sends a datagram
//	close                         ends the association with close_notify
//
// It answers with "listening PORT", "connected SUITE by WHO resumed=yes|no", "heard TEXT", "closed", "failed WHY".
package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pion/dtls/v3"
)

const handshakeTimeout = 10 * time.Second

type wish map[string]string

// What is in use; one association at a time. The lock keeps lines whole, too.
type peer struct {
	sync.Mutex
	wish     wish
	listener net.Listener
	conn     *dtls.Conn
	sessions sessions
}

func (p *peer) tell(format string, values ...any) {
	p.Lock()
	defer p.Unlock()
	fmt.Printf(format+"\n", values...)
}

// Sessions in memory, which remember whether one was found.
type sessions struct {
	sync.Mutex
	kept  map[string]dtls.Session
	found bool
}

func (s *sessions) Set(key []byte, session dtls.Session) error {
	s.Lock()
	defer s.Unlock()
	s.kept[string(key)] = session
	return nil
}

func (s *sessions) Get(key []byte) (dtls.Session, error) {
	s.Lock()
	defer s.Unlock()
	session, known := s.kept[string(key)]
	s.found = known
	return session, nil
}

func (s *sessions) Del(key []byte) error {
	s.Lock()
	defer s.Unlock()
	delete(s.kept, string(key))
	return nil
}

func readWish(line string) wish {
	read := wish{}
	for _, word := range strings.Fields(line)[1:] {
		if key, value, known := strings.Cut(word, "="); known {
			read[key] = value
		}
	}
	return read
}

// By its number, since pion's list of names leaves out the suites with CBC.
func (w wish) suite() (dtls.CipherSuiteID, error) {
	number, err := strconv.ParseUint(w["number"], 10, 16)
	return dtls.CipherSuiteID(number), err
}

func (w wish) authorities() (*x509.CertPool, error) {
	text, err := os.ReadFile(w["trust"])
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(text)
	return pool, nil
}

// Options that both roles have.
func (p *peer) options() ([]dtls.Option, error) {
	suite, err := p.wish.suite()
	if err != nil {
		return nil, err
	}
	options := []dtls.Option{dtls.WithCipherSuites(suite)}
	if text, known := p.wish["psk"]; known {
		key, err := hex.DecodeString(text)
		if err != nil {
			return nil, err
		}
		find := func([]byte) ([]byte, error) { return key, nil }
		options = append(options, dtls.WithPSK(find), dtls.WithPSKIdentityHint([]byte(p.wish["identity"])))
	}
	if file, known := p.wish["key"]; known {
		pair, err := tls.LoadX509KeyPair(p.wish["certificate"], file)
		if err != nil {
			return nil, err
		}
		options = append(options, dtls.WithCertificates(pair))
	}
	if text, known := p.wish["cid"]; known {
		size, err := strconv.Atoi(text)
		if err != nil {
			return nil, err
		}
		options = append(options, dtls.WithConnectionIDGenerator(dtls.RandomCIDGenerator(size)))
	}
	if p.wish["sessions"] == "ids" {
		options = append(options, dtls.WithSessionStore(&p.sessions))
	}
	return options, nil
}

func (p *peer) serve() error {
	shared, err := p.options()
	if err != nil {
		return err
	}
	options := []dtls.ServerOption{}
	for _, option := range shared {
		options = append(options, option)
	}
	if _, known := p.wish["trust"]; known {
		authorities, err := p.wish.authorities()
		if err != nil {
			return err
		}
		options = append(options, dtls.WithClientCAs(authorities), dtls.WithClientAuth(dtls.RequireAndVerifyClientCert))
	}
	listener, err := dtls.ListenWithOptions("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}, options...)
	if err != nil {
		return err
	}
	p.listener = listener
	p.tell("listening %d", listener.Addr().(*net.UDPAddr).Port)
	go p.accept(listener)
	return nil
}

func (p *peer) accept(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go p.meet(conn.(*dtls.Conn))
	}
}

func (p *peer) connect() error {
	shared, err := p.options()
	if err != nil {
		return err
	}
	options := []dtls.ClientOption{}
	for _, option := range shared {
		options = append(options, option)
	}
	if _, known := p.wish["trust"]; known {
		authorities, err := p.wish.authorities()
		if err != nil {
			return err
		}
		options = append(options, dtls.WithRootCAs(authorities), dtls.WithServerName(p.wish["name"]))
	}
	port, err := strconv.Atoi(p.wish["port"])
	if err != nil {
		return err
	}
	conn, err := dtls.DialWithOptions("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port}, options...)
	if err != nil {
		return err
	}
	go p.meet(conn)
	return nil
}

// Makes an association and tells all that comes.
func (p *peer) meet(conn *dtls.Conn) {
	limited, cancel := context.WithTimeout(context.Background(), handshakeTimeout)
	defer cancel()
	if err := conn.HandshakeContext(limited); err != nil {
		p.tell("failed %v", err)
		conn.Close()
		return
	}
	p.Lock()
	p.conn = conn
	p.Unlock()
	state, _ := conn.ConnectionState()
	resumed := map[bool]string{true: "yes", false: "no"}[p.sessions.found]
	// One of the names has hyphens.
	suite := strings.ReplaceAll(dtls.CipherSuiteName(state.CipherSuiteID), "-", "_")
	p.tell("connected %s by %s resumed=%s", suite, who(state), resumed)
	bytes := make([]byte, 20_000)
	for {
		length, err := conn.Read(bytes)
		if err != nil {
			p.tell("closed %v", err)
			return
		}
		p.tell("heard %s", strings.TrimSpace(string(bytes[:length])))
	}
}

func who(state dtls.State) string {
	if len(state.PeerCertificates) > 0 {
		shown, err := x509.ParseCertificate(state.PeerCertificates[0])
		if err != nil {
			return "nobody"
		}
		return "x509:" + shown.Subject.String()
	}
	return "psk:" + string(state.IdentityHint)
}

func (p *peer) release() {
	p.Lock()
	conn, listener := p.conn, p.listener
	p.conn, p.listener = nil, nil
	p.Unlock()
	if conn != nil {
		conn.Close()
	}
	if listener != nil {
		listener.Close()
	}
}

func (p *peer) obey(line string) error {
	command, rest, _ := strings.Cut(line, " ")
	switch command {
	case "serve", "connect":
		p.release()
		p.wish = readWish(line)
		p.sessions.kept, p.sessions.found = map[string]dtls.Session{}, false
		if command == "serve" {
			return p.serve()
		}
		return p.connect()
	case "again":
		return p.connect()
	case "say":
		_, err := p.conn.Write([]byte(rest))
		return err
	case "close":
		return p.conn.Close()
	default:
		return fmt.Errorf("no such command: %s", command)
	}
}

func main() {
	own := &peer{}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		if err := own.obey(lines.Text()); err != nil {
			own.tell("failed %v", err)
		}
	}
}

// A go-coap server on loopback. Arguments: `udp` or `tcp`, and the port.
package main

import (
	"bytes"
	"fmt"
	"log"
	"os"
	"strconv"
	"sync"
	"time"

	coap "github.com/plgd-dev/go-coap/v3"
	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/codes"
	"github.com/plgd-dev/go-coap/v3/mux"

	"motestack.org/interop/go-coap/jsonlines"
)

const (
	separateDelay = 700 * time.Millisecond
	tick          = 200 * time.Millisecond
	largeBytes    = 10_000
)

// The same bytes as the cases expect.
func pattern(seed int) []byte {
	content := make([]byte, largeBytes)
	for index := range content {
		content[index] = byte(index*7 + (index>>8)*13 + seed)
	}
	return content
}

func respond(w mux.ResponseWriter, code codes.Code, format message.MediaType, content []byte) {
	if err := w.SetResponse(code, format, bytes.NewReader(content)); err != nil {
		log.Print(err)
	}
}

func bodyOf(request *mux.Message) []byte {
	content, err := request.ReadBody()
	if err != nil {
		log.Print(err)
	}
	return content
}

func hello(w mux.ResponseWriter, request *mux.Message) {
	if request.Code() != codes.GET {
		respond(w, codes.MethodNotAllowed, message.TextPlain, nil)
		return
	}
	respond(w, codes.Content, message.TextPlain, []byte("hello"))
}

func echo(w mux.ResponseWriter, request *mux.Message) {
	format, err := request.ContentFormat()
	if err != nil {
		format = message.AppOctets
	}
	respond(w, codes.Changed, format, bodyOf(request))
}

type store struct {
	lock    sync.Mutex
	content []byte
	present bool
}

func (s *store) serve(w mux.ResponseWriter, request *mux.Message) {
	s.lock.Lock()
	defer s.lock.Unlock()
	switch request.Code() {
	case codes.GET:
		if !s.present {
			respond(w, codes.NotFound, message.TextPlain, nil)
			return
		}
		respond(w, codes.Content, message.TextPlain, s.content)
	case codes.PUT:
		code := codes.Created
		if s.present {
			code = codes.Changed
		}
		s.content, s.present = bodyOf(request), true
		respond(w, code, message.TextPlain, nil)
	case codes.POST:
		s.content, s.present = append(s.content, bodyOf(request)...), true
		respond(w, codes.Changed, message.TextPlain, nil)
	default:
		s.content, s.present = nil, false
		respond(w, codes.Deleted, message.TextPlain, nil)
	}
}

// ticking is observable: go-coap leaves the list of observers and the notifications to the program.
type ticking struct {
	lock      sync.Mutex
	count     int
	format    message.MediaType
	content   func(count int) []byte
	observers map[string]func(content []byte, count int) error
}

func newTicking(format message.MediaType, content func(count int) []byte) *ticking {
	t := &ticking{format: format, content: content, observers: map[string]func([]byte, int) error{}}
	go func() {
		for range time.Tick(tick) {
			t.notify()
		}
	}()
	return t
}

func (t *ticking) notify() {
	t.lock.Lock()
	t.count++
	count, content := t.count, t.content(t.count)
	observers := make(map[string]func([]byte, int) error, len(t.observers))
	for name, observer := range t.observers {
		observers[name] = observer
	}
	t.lock.Unlock()
	for name, observer := range observers {
		if err := observer(content, count); err != nil {
			t.lock.Lock()
			delete(t.observers, name)
			t.lock.Unlock()
		}
	}
}

func (t *ticking) serve(w mux.ResponseWriter, request *mux.Message) {
	t.lock.Lock()
	defer t.lock.Unlock()
	connection, token := w.Conn(), append(message.Token{}, request.Token()...)
	name := fmt.Sprint(connection.RemoteAddr(), token)
	observe, err := request.Observe()
	respond(w, codes.Content, t.format, t.content(t.count))
	if err != nil {
		return
	}
	if observe != 0 {
		delete(t.observers, name)
		jsonlines.Emit(jsonlines.Line{"event": "cancelled"})
		return
	}
	w.Message().SetObserve(uint32(t.count))
	t.observers[name] = func(content []byte, count int) error {
		notification := connection.AcquireMessage(connection.Context())
		defer connection.ReleaseMessage(notification)
		notification.SetCode(codes.Content)
		notification.SetToken(token)
		notification.SetObserve(uint32(count))
		notification.SetContentFormat(t.format)
		notification.SetBody(bytes.NewReader(content))
		return connection.WriteMessage(notification)
	}
}

func main() {
	network, port := os.Args[1], os.Args[2]
	router := mux.NewRouter()
	routes := map[string]mux.HandlerFunc{
		"/hello": hello,
		"/echo":  echo,
		"/store": (&store{}).serve,
		"/separate": func(w mux.ResponseWriter, _ *mux.Message) {
			time.Sleep(separateDelay)
			respond(w, codes.Content, message.TextPlain, []byte("later"))
		},
		"/large":   func(w mux.ResponseWriter, _ *mux.Message) { respond(w, codes.Content, message.AppOctets, pattern(0)) },
		"/observe": newTicking(message.TextPlain, func(count int) []byte { return []byte(strconv.Itoa(count)) }).serve,
		"/large-observe": newTicking(message.AppOctets, func(count int) []byte {
			return pattern(count & 0xff)
		}).serve,
	}
	for path, handler := range routes {
		if err := router.Handle(path, handler); err != nil {
			log.Fatal(err)
		}
	}
	go func() { log.Fatal(coap.ListenAndServe(network, "127.0.0.1:"+port, router)) }()
	jsonlines.Emit(jsonlines.Line{"event": "listening"})
	jsonlines.Read(func(jsonlines.Command) {})
}

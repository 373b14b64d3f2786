// A go-coap client, driven by JSON lines. The argument is `udp` or `tcp`.
package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/codes"
	"github.com/plgd-dev/go-coap/v3/message/pool"
	"github.com/plgd-dev/go-coap/v3/mux"
	"github.com/plgd-dev/go-coap/v3/tcp"
	"github.com/plgd-dev/go-coap/v3/udp"

	"motestack.org/interop/go-coap/jsonlines"
)

const timeout = 10 * time.Second

var methods = map[string]codes.Code{"GET": codes.GET, "POST": codes.POST, "PUT": codes.PUT, "DELETE": codes.DELETE}

type client struct {
	network      string
	lock         sync.Mutex
	connections  map[string]mux.Conn
	observations map[string]mux.Observation
}

func (c *client) connection(host string) (mux.Conn, error) {
	c.lock.Lock()
	defer c.lock.Unlock()
	if connection, ok := c.connections[host]; ok {
		return connection, nil
	}
	var connection mux.Conn
	var err error
	if c.network == "tcp" {
		connection, err = tcp.Dial(host)
	} else {
		connection, err = udp.Dial(host)
	}
	if err == nil {
		c.connections[host] = connection
	}
	return connection, err
}

func (c *client) build(ctx context.Context, command jsonlines.Command) (mux.Conn, *pool.Message, error) {
	target, err := url.Parse(command.URI)
	if err != nil {
		return nil, nil, err
	}
	connection, err := c.connection(target.Host)
	if err != nil {
		return nil, nil, err
	}
	request := connection.AcquireMessage(ctx)
	token, err := message.GetToken()
	if err != nil {
		return nil, nil, err
	}
	request.SetToken(token)
	request.SetCode(codes.GET)
	if code, ok := methods[command.Method]; ok {
		request.SetCode(code)
	}
	if err := request.SetPath(target.Path); err != nil {
		return nil, nil, err
	}
	if target.RawQuery != "" {
		for _, argument := range strings.Split(target.RawQuery, "&") {
			request.AddQuery(argument)
		}
	}
	if command.ContentFormat != nil {
		request.SetContentFormat(message.MediaType(*command.ContentFormat))
	}
	if command.Accept != nil {
		request.SetAccept(message.MediaType(*command.Accept))
	}
	for _, option := range command.Options {
		value, err := hex.DecodeString(option[1].(string))
		if err != nil {
			return nil, nil, err
		}
		request.AddOptionBytes(message.OptionID(option[0].(float64)), value)
	}
	if command.Payload != "" {
		payload, err := hex.DecodeString(command.Payload)
		if err != nil {
			return nil, nil, err
		}
		request.SetBody(bytes.NewReader(payload))
	}
	if command.Confirmable != nil && !*command.Confirmable {
		request.SetType(message.NonConfirmable)
	}
	return connection, request, nil
}

func (c *client) request(command jsonlines.Command) (jsonlines.Line, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	connection, request, err := c.build(ctx, command)
	if err != nil {
		return nil, err
	}
	response, err := connection.Do(request)
	if err != nil {
		return nil, err
	}
	return jsonlines.Describe(response, jsonlines.Line{}), nil
}

// The first notification that go-coap tells is the answer to the request.
func (c *client) observe(command jsonlines.Command) (jsonlines.Line, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	connection, request, err := c.build(ctx, command)
	if err != nil {
		return nil, err
	}
	request.SetObserve(0)
	name := strconv.Itoa(command.ID)
	first := make(chan jsonlines.Line, 1)
	told := false
	observation, err := connection.DoObserve(request, func(notification *pool.Message) {
		if !told {
			told = true
			first <- jsonlines.Describe(notification, jsonlines.Line{"observation": name})
			return
		}
		jsonlines.Emit(jsonlines.Describe(notification, jsonlines.Line{"event": "notification", "observation": name}))
	})
	if err != nil {
		return nil, err
	}
	c.lock.Lock()
	defer c.lock.Unlock()
	c.observations[name] = observation
	return <-first, nil
}

func (c *client) cancel(command jsonlines.Command) (jsonlines.Line, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	c.lock.Lock()
	observation := c.observations[command.Observation]
	c.lock.Unlock()
	return jsonlines.Line{}, observation.Cancel(ctx)
}

func (c *client) run(command jsonlines.Command) {
	actions := map[string]func(jsonlines.Command) (jsonlines.Line, error){
		"request": c.request, "observe": c.observe, "cancel": c.cancel,
	}
	answer, err := actions[command.Do](command)
	if err != nil {
		answer = jsonlines.Line{"error": err.Error()}
	}
	answer["id"] = command.ID
	jsonlines.Emit(answer)
}

func main() {
	c := &client{network: os.Args[1], connections: map[string]mux.Conn{}, observations: map[string]mux.Observation{}}
	jsonlines.Emit(jsonlines.Line{"event": "ready"})
	jsonlines.Read(func(command jsonlines.Command) { go c.run(command) })
}

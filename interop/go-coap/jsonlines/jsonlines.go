// Package jsonlines drives a peer: one JSON command a line on standard input, one JSON line for each answer and event.
package jsonlines

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"sync"

	"github.com/plgd-dev/go-coap/v3/message/pool"
)

// Line is one JSON object.
type Line map[string]any

// Command is what a client is told.
type Command struct {
	ID            int      `json:"id"`
	Do            string   `json:"do"`
	Method        string   `json:"method"`
	URI           string   `json:"uri"`
	Payload       string   `json:"payload"`
	Confirmable   *bool    `json:"confirmable"`
	ContentFormat *uint32  `json:"contentFormat"`
	Accept        *uint32  `json:"accept"`
	Options       [][2]any `json:"options"`
	Observation   string   `json:"observation"`
}

const lineBytesMax = 4 << 20

var writing sync.Mutex

// Emit writes one line.
func Emit(line Line) {
	text, err := json.Marshal(line)
	if err != nil {
		panic(err)
	}
	writing.Lock()
	defer writing.Unlock()
	fmt.Println(string(text))
}

// Read calls handle for each command, until `quit` or the end of standard input.
func Read(handle func(Command)) {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(make([]byte, 0, lineBytesMax), lineBytesMax)
	for in.Scan() {
		var command Command
		if err := json.Unmarshal(in.Bytes(), &command); err != nil {
			panic(err)
		}
		if command.Do == "quit" {
			return
		}
		handle(command)
	}
}

// Describe adds what a message says to a line.
func Describe(message *pool.Message, line Line) Line {
	body, err := message.ReadBody()
	if err != nil {
		line["error"] = err.Error()
		return line
	}
	options := [][2]any{}
	for _, option := range message.Options() {
		options = append(options, [2]any{option.ID, hex.EncodeToString(option.Value)})
	}
	code := uint8(message.Code())
	line["code"] = fmt.Sprintf("%d.%02d", code>>5, code&0x1f)
	line["payload"] = hex.EncodeToString(body)
	line["options"] = options
	return line
}

// Messages, one a line in hexadecimal, through the decoder of Filebeat's netflow input; one JSON object for each Data Record.
package main

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/elastic/beats/v7/x-pack/filebeat/input/netflow/decoder"
	"github.com/elastic/beats/v7/x-pack/filebeat/input/netflow/decoder/record"
)

func main() {
	read, err := decoder.NewDecoder(decoder.NewConfig().WithLogOutput(os.Stderr).WithProtocols("ipfix"))
	if err != nil {
		panic(err)
	}
	exporter := &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 40000}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		octets, err := hex.DecodeString(lines.Text())
		if err != nil {
			panic(err)
		}
		records, err := read.Read(bytes.NewBuffer(octets), exporter)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		for _, one := range records {
			if one.Type != record.Flow {
				continue
			}
			shown := map[string]string{}
			for name, value := range one.Fields {
				shown[name] = text(value)
			}
			_ = out.Encode(shown)
		}
	}
}

func text(value interface{}) string {
	switch value := value.(type) {
	case []byte:
		return hex.EncodeToString(value)
	case time.Time:
		return value.UTC().Format("2006-01-02T15:04:05.000000000")
	default:
		return fmt.Sprint(value)
	}
}

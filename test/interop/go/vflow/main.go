// Messages, one a line in hexadecimal, through the decoder of vFlow; one JSON object for each Data Record.
package main

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"os"

	"github.com/EdgeCast/vflow/ipfix"
)

func main() {
	templates := ipfix.GetCache("")
	exporter := net.IPv4(127, 0, 0, 1)
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		octets, err := hex.DecodeString(lines.Text())
		if err != nil {
			panic(err)
		}
		message, err := ipfix.NewDecoder(exporter, octets).Decode(templates)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		if message == nil {
			continue
		}
		for _, record := range message.DataSets {
			shown := map[string]string{}
			for _, field := range record {
				key := ipfix.ElementKey{EnterpriseNo: field.EnterpriseNo, ElementID: field.ID}
				if element, known := ipfix.InfoModel[key]; known {
					shown[element.Name] = text(field.Value)
				}
			}
			_ = out.Encode(shown)
		}
	}
}

func text(value interface{}) string {
	if octets, is := value.([]byte); is {
		return hex.EncodeToString(octets)
	}
	return fmt.Sprint(value)
}

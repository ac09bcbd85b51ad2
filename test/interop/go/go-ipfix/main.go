// Messages, one a line in hexadecimal, through the collector of go-ipfix; one JSON object for each Data Record.
package main

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/vmware/go-ipfix/pkg/collector"
	"github.com/vmware/go-ipfix/pkg/entities"
	"github.com/vmware/go-ipfix/pkg/registry"
	"k8s.io/klog/v2"
)

// A safety net only: what is refused is logged, and is waited for no longer.
const waitFor = 10 * time.Second

// The log's lines, so that a refusal is known when it is logged.
type refusals chan string

func (said refusals) Write(line []byte) (int, error) {
	fmt.Fprint(os.Stderr, string(line))
	if line[0] == 'E' {
		said <- string(line)
	}
	return len(line), nil
}

func main() {
	said := make(refusals, 1000)
	flags := flag.NewFlagSet("klog", flag.ContinueOnError)
	klog.InitFlags(flags)
	_ = flags.Set("logtostderr", "false")
	klog.SetOutput(said)
	registry.LoadRegistry()
	process, err := collector.InitCollectingProcess(collector.CollectorInput{
		Address: "127.0.0.1:0", Protocol: "udp", MaxBufferSize: 65535, TemplateTTL: 0,
	})
	if err != nil {
		panic(err)
	}
	go process.Start()
	for process.GetAddress() == nil {
		time.Sleep(time.Millisecond)
	}
	conn, err := net.Dial("udp", process.GetAddress().String())
	if err != nil {
		panic(err)
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		octets, err := hex.DecodeString(lines.Text())
		if err != nil {
			panic(err)
		}
		if _, err := conn.Write(octets); err != nil {
			panic(err)
		}
		select {
		case message := <-process.GetMsgChan():
			set := message.GetSet()
			if set.GetSetType() != entities.Data {
				continue
			}
			for _, record := range set.GetRecords() {
				shown := map[string]string{}
				for _, element := range record.GetOrderedElementList() {
					shown[element.GetName()] = text(element)
				}
				_ = out.Encode(shown)
			}
		case <-said:
		case <-time.After(waitFor):
			fmt.Fprintln(os.Stderr, "a Message was not handed over")
		}
	}
}

func text(element entities.InfoElementWithValue) string {
	switch element.GetDataType() {
	case entities.Unsigned8:
		return strconv.FormatUint(uint64(element.GetUnsigned8Value()), 10)
	case entities.Unsigned16:
		return strconv.FormatUint(uint64(element.GetUnsigned16Value()), 10)
	case entities.Unsigned32, entities.DateTimeSeconds:
		return strconv.FormatUint(uint64(element.GetUnsigned32Value()), 10)
	case entities.Unsigned64, entities.DateTimeMilliseconds:
		return strconv.FormatUint(element.GetUnsigned64Value(), 10)
	case entities.Signed8:
		return strconv.FormatInt(int64(element.GetSigned8Value()), 10)
	case entities.Signed16:
		return strconv.FormatInt(int64(element.GetSigned16Value()), 10)
	case entities.Signed32:
		return strconv.FormatInt(int64(element.GetSigned32Value()), 10)
	case entities.Signed64:
		return strconv.FormatInt(element.GetSigned64Value(), 10)
	case entities.Float32:
		return strconv.FormatFloat(float64(element.GetFloat32Value()), 'g', -1, 32)
	case entities.Float64:
		return strconv.FormatFloat(element.GetFloat64Value(), 'g', -1, 64)
	case entities.Boolean:
		return strconv.FormatBool(element.GetBooleanValue())
	case entities.MacAddress:
		return element.GetMacAddressValue().String()
	case entities.Ipv4Address, entities.Ipv6Address:
		return element.GetIPAddressValue().String()
	case entities.OctetArray:
		return hex.EncodeToString(element.GetOctetArrayValue())
	default:
		return element.GetStringValue()
	}
}

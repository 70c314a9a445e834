"""EC2 answers as AWS writes them, made from a number and not from a network: botocore sends, and gets these pages back.

One stub serves the bare paginator and our driver alike, so that both pay for signing, parsing and paging, and nobody's
server is measured. The shape of an instance is that of the API reference's example of DescribeInstances, with its
disks, its network interface and five tags.
"""

from typing import Any
from urllib.parse import parse_qs

from botocore.awsrequest import AWSResponse

PAGE = 1000
ACCOUNT = "111111111111"

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">'
    "<requestId>8f7724cf-496f-496e-8fe3-example</requestId><reservationSet>"
)

_INSTANCE = """<item><reservationId>r-{n:017x}</reservationId><ownerId>111111111111</ownerId><groupSet/>
<instancesSet><item><instanceId>i-{n:017x}</instanceId><imageId>ami-0abcdef12{image:08x}</imageId><instanceState><code>16</code><name>{state}</name></instanceState>
<privateDnsName>ip-10-0-{b}-{a}.ec2.internal</privateDnsName><dnsName>ec2-3-{b}-{a}.compute-1.amazonaws.com</dnsName><reason/>
<keyName>ops</keyName><amiLaunchIndex>0</amiLaunchIndex><productCodes/><instanceType>{size}</instanceType>
<launchTime>2026-0{month}-12T10:{minute:02d}:00.000Z</launchTime>
<placement><availabilityZone>us-east-1{zone}</availabilityZone><groupName/><tenancy>default</tenancy></placement>
<monitoring><state>disabled</state></monitoring><subnetId>subnet-0{subnet:016x}</subnetId><vpcId>vpc-0{vpc:016x}</vpcId>
<privateIpAddress>10.0.{b}.{a}</privateIpAddress><ipAddress>3.1.{b}.{a}</ipAddress><sourceDestCheck>true</sourceDestCheck>
<groupSet><item><groupId>sg-0{sg:016x}</groupId><groupName>web</groupName></item><item><groupId>sg-0{sg2:016x}</groupId><groupName>base</groupName></item></groupSet>
<architecture>x86_64</architecture><rootDeviceType>ebs</rootDeviceType><rootDeviceName>/dev/sda1</rootDeviceName>
<blockDeviceMapping><item><deviceName>/dev/sda1</deviceName><ebs><volumeId>vol-{n:017x}</volumeId><status>attached</status>
<attachTime>2026-0{month}-12T10:{minute:02d}:01.000Z</attachTime><deleteOnTermination>true</deleteOnTermination></ebs></item>
<item><deviceName>/dev/sdf</deviceName><ebs><volumeId>vol-1{n:016x}</volumeId><status>attached</status>
<attachTime>2026-0{month}-12T10:{minute:02d}:02.000Z</attachTime><deleteOnTermination>false</deleteOnTermination></ebs></item></blockDeviceMapping>
<virtualizationType>hvm</virtualizationType><clientToken>{n:032x}</clientToken>
<tagSet><item><key>Name</key><value>{role}-{env}-{n}</value></item><item><key>env</key><value>{env}</value></item>
<item><key>team</key><value>{team}</value></item><item><key>service</key><value>{role}</value></item>
<item><key>cost-center</key><value>cc-{cc}</value></item></tagSet><hypervisor>xen</hypervisor>
<networkInterfaceSet><item><networkInterfaceId>eni-{n:017x}</networkInterfaceId><subnetId>subnet-0{subnet:016x}</subnetId>
<vpcId>vpc-0{vpc:016x}</vpcId><description/><ownerId>111111111111</ownerId><status>in-use</status><macAddress>02:42:0a:00:00:01</macAddress>
<privateIpAddress>10.0.{b}.{a}</privateIpAddress><privateDnsName>ip-10-0-{b}-{a}.ec2.internal</privateDnsName><sourceDestCheck>true</sourceDestCheck>
<groupSet><item><groupId>sg-0{sg:016x}</groupId><groupName>web</groupName></item></groupSet>
<attachment><attachmentId>eni-attach-{n:08x}</attachmentId><deviceIndex>0</deviceIndex><status>attached</status>
<attachTime>2026-0{month}-12T10:{minute:02d}:00.000Z</attachTime><deleteOnTermination>true</deleteOnTermination></attachment>
<association><publicIp>3.1.{b}.{a}</publicIp><publicDnsName>ec2-3-{b}-{a}.compute-1.amazonaws.com</publicDnsName><ipOwnerId>amazon</ipOwnerId></association>
<privateIpAddressesSet><item><privateIpAddress>10.0.{b}.{a}</privateIpAddress><primary>true</primary></item></privateIpAddressesSet>
<ipv6AddressesSet/></item></networkInterfaceSet><ebsOptimized>true</ebsOptimized>
<cpuOptions><coreCount>2</coreCount><threadsPerCore>2</threadsPerCore></cpuOptions>
<capacityReservationSpecification><capacityReservationPreference>open</capacityReservationPreference></capacityReservationSpecification>
<hibernationOptions><configured>false</configured></hibernationOptions><enclaveOptions><enabled>false</enabled></enclaveOptions>
<metadataOptions><state>applied</state><httpTokens>required</httpTokens><httpPutResponseHopLimit>2</httpPutResponseHopLimit>
<httpEndpoint>enabled</httpEndpoint></metadataOptions><platformDetails>Linux/UNIX</platformDetails>
<usageOperation>RunInstances</usageOperation><privateDnsNameOptions><hostnameType>ip-name</hostnameType></privateDnsNameOptions>
</item></instancesSet></item>"""

SIZES = ("t3.micro", "t3.medium", "m5.large", "c6i.xlarge", "r6g.2xlarge")
ROLES = ("web", "api", "worker", "cache", "search", "build")
ENVS = ("prod", "staging", "dev", "test")


def instance(n: int) -> str:
    """One instance of AWS's answer."""
    return _INSTANCE.format(
        n=n, image=n % 20, state="running" if n % 5 else "stopped", a=n % 250, b=(n // 250) % 250, size=SIZES[n % 5],
        month=1 + n % 9, minute=n % 60, zone="abc"[n % 3], subnet=n % 12, vpc=n % 3, sg=n % 40, sg2=n % 7,
        role=ROLES[n % 6], env=ENVS[(n // 7) % 4], team=f"team-{n % 9}", cc=n % 30,
    )  # fmt: skip


def page(number: int, total: int, size: int = PAGE) -> bytes:
    """One page of an account with `total` instances; it names the next one while there is more."""
    first, last = number * size, min((number + 1) * size, total)
    body = "".join(instance(n) for n in range(first, last))
    more = f"<nextToken>{number + 1}</nextToken>" if last < total else ""
    return f"{_HEAD}{body}</reservationSet>{more}</DescribeInstancesResponse>".encode()


class Answers:
    """Serves an account of `total` instances to any botocore client. With `keep` the pages are made beforehand."""

    def __init__(self, total: int, keep: bool = True, size: int = PAGE) -> None:
        self.total, self.size = total, size
        self._kept = [page(n, total, size) for n in range(-(-total // size))] if keep else []

    def attach(self, client: Any) -> None:
        """Answer this client's calls from here."""
        client.meta.events.register("before-send.ec2", self._answer)

    def _answer(self, request: Any, **_: Any) -> AWSResponse:
        body = request.body.decode() if isinstance(request.body, bytes) else str(request.body or "")
        asked = parse_qs(body)
        number = int(asked.get("NextToken", ["0"])[0])
        content = self._kept[number] if self._kept else page(number, self.total, self.size)
        response = AWSResponse(request.url, 200, {"content-type": "text/xml;charset=UTF-8"}, None)
        response._content = content
        return response
